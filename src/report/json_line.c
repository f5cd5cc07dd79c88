// SPDX-License-Identifier: MIT
// See json_line.h: all lines but findings, and what is common to all.
#include "report/json_line.h"

#include "report/json.h"
#include "report/start.h"

void rg_json_begin_line(struct rg_buf *b, const char *event) {
    rg_json_open(b, NULL, '{');
    rg_json_put_number(b, "version", 1);
    rg_json_put_text(b, "event", event);
    rg_json_put_number(b, "pid", (size_t)rg_start_pid());
}

void rg_json_end_line(struct rg_buf *b) {
    rg_json_close(b, '}');
    rg_buf_str(b, "\n");
}

static void put_frame(struct rg_buf *b, const struct rg_frame *f) {
    rg_json_open(b, NULL, '{');
    rg_json_put_address(b, "pc", f->pc);
    rg_json_put_known(b, "module", f->path);
    rg_json_put_address(b, "offset", f->offset);
    rg_json_put_known(b, "build_id", f->build_id);
    rg_json_put_known(b, "function", f->function);
    rg_json_put_flag(b, "inlined", f->inlined);
    rg_json_put_known(b, "file", f->file);
    rg_json_put_positive(b, "line", (size_t)f->line);
    rg_json_put_positive(b, "column", (size_t)f->column);
    rg_json_put_flag(b, "system", f->is_system);
    rg_json_close(b, '}');
}

void rg_json_put_stack(struct rg_buf *b, const struct rg_frames *r, size_t most) {
    char place[RG_STORY_FULL_PLACE];
    struct rg_buf p;
    rg_buf_init(&p, place, sizeof place);
    rg_text_put_place(&p, r);
    rg_json_put_text(b, "place", place);
    rg_json_open(b, "stack", '[');
    for (size_t i = 0; i < r->count && i < most; i++) {
        put_frame(b, &r->frame[i]);
    }
    rg_json_close(b, ']');
    rg_json_put_flag(b, "stack_cut", r->is_cut || r->count > most);
}

void rg_json_put_again(struct rg_buf *b, unsigned number, size_t occurrences) {
    rg_json_begin_line(b, "again");
    rg_json_put_number(b, "number", number);
    rg_json_put_number(b, "occurrences", occurrences);
    rg_json_end_line(b);
}

static void put_suppression(struct rg_buf *b, const struct rg_note *n) {
    rg_json_open(b, "suppression", '{');
    rg_json_put_text(b, "text", n->suppression);
    rg_json_put_text(b, "file", n->suppression_file);
    rg_json_put_number(b, "line", n->suppression_line);
    rg_json_put_number(b, "misuses", n->misuses);
    rg_json_put_number(b, "occurrences", n->occurrences);
    rg_json_close(b, '}');
}

void rg_json_put_note(struct rg_buf *b, const struct rg_note *n) {
    struct rg_buf empty = *b;
    for (size_t most = RG_FRAMES_MAX;; most /= 2) {
        *b = empty;
        rg_json_begin_line(b, "note");
        rg_json_put_known(b, "topic", n->topic);
        rg_json_put_text(b, "text", n->text);
        rg_json_put_positive(b, "size", n->size);
        rg_json_put_positive(b, "moves", n->moves);
        rg_json_put_positive(b, "lines", n->lines);
        if (n->frames) {
            rg_json_put_stack(b, n->frames, most);
        }
        if (n->suppression) {
            put_suppression(b, n);
        }
        rg_json_end_line(b);
        if (!b->truncated || most == 0) {
            return;
        }
    }
}

void rg_json_put_summary(struct rg_buf *b, const struct rg_summary *s) {
    rg_json_begin_line(b, "summary");
    rg_json_put_number(b, "misuses", s->misuses);
    rg_json_put_number(b, "occurrences", s->occurrences);
    rg_json_put_positive(b, "occurrences_not_kept", s->not_kept);
    rg_json_put_positive(b, "suppressed", s->suppressed);
    rg_json_put_positive(b, "suppressed_occurrences", s->suppressed_occurrences);
    rg_json_put_number(b, "moves", s->heap.moves);
    rg_json_put_number(b, "moves_that_fitted", s->heap.forced);
    rg_json_put_number(b, "left_in_place", s->heap.in_place);
    rg_json_put_text(b, "sealed_by", rg_seal_name());
    rg_json_put_positive(b, "sealed_by_mprotect", s->seal.by_mprotect);
    if (s->seal.lapsed > 0) {
        rg_json_open(b, "lapsed", '{');
        rg_json_put_number(b, "count", s->seal.lapsed);
        rg_json_put_number(b, "of", s->seal.lapsed + s->seal.sealed);
        rg_json_put_number(b, "first_after", s->seal.first_lapse_at);
        rg_json_close(b, '}');
    }
    rg_json_put_known(b, "symbolizer_failure", s->symbolizer_failure);
    rg_json_put_positive(b, "lost_lines", s->lost_lines);
    rg_json_end_line(b);
}
