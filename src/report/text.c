// SPDX-License-Identifier: MIT
// See text.h. Layout: the first line names the two places a person wants to see, the access and the
// realloc; then one paragraph for each event, whose first own frame is marked with an arrow. Pure.
#include "report/text.h"

#include "report/luck.h"

#include <string.h>

#define BOLD   "\033[1m"
#define RED    "\033[1;31m"
#define YELLOW "\033[1;33m"
#define FAINT  "\033[2m"
#define PLAIN  "\033[0m"

static void put_color(struct rg_buf *b, const struct rg_story *s, const char *code) {
    if (s->color) {
        rg_buf_str(b, code);
    }
}

static const char *plural(size_t n) {
    return n == 1 ? "" : "s";
}

void rg_text_put_bytes(struct rg_buf *b, size_t n) {
    rg_buf_fmt(b, "%zu byte%s", n, plural(n));
}

void rg_text_put_place(struct rg_buf *b, const struct rg_frames *r) {
    const struct rg_frame *f = r->own < r->count ? &r->frame[r->own] : r->frame;
    if (r->count == 0) {
        rg_buf_str(b, "an unknown place");
    } else if (f->file[0]) {
        rg_buf_fmt(b, "%s:%d", rg_last_part(f->file), f->line);
    } else if (f->function[0]) {
        rg_buf_fmt(b, "%s (%s)", f->function, f->module);
    } else {
        rg_buf_fmt(b, "%s+0x%lx", f->module[0] ? f->module : "?", f->offset);
    }
}

// Whether an earlier frame of the stack has named the build-id already.
static bool is_build_id_known(const struct rg_frames *r, size_t number) {
    for (size_t i = 0; i < number; i++) {
        const struct rg_frame *f = &r->frame[i];
        if (!f->function[0] && strcmp(f->build_id, r->frame[number].build_id) == 0) {
            return true;
        }
    }
    return false;
}

static void put_frame(struct rg_buf *b, const struct rg_story *s, const struct rg_frames *r,
                      size_t number) {
    const struct rg_frame *f = &r->frame[number];
    bool is_own = number == r->own;
    put_color(b, s, is_own ? BOLD : f->is_system ? FAINT : "");
    rg_buf_fmt(b, "    %s #%zu %s", is_own ? "=>" : "  ", number,
               f->function[0] ? f->function : "??");
    if (f->file[0] && !f->is_system) {
        rg_buf_fmt(b, "  %s:%d", f->file, f->line);
    } else {
        rg_buf_fmt(b, "  (%s+0x%lx)", f->module[0] ? f->module : "?", f->offset);
        if (!f->function[0] && f->build_id[0] && !is_build_id_known(r, number)) {
            rg_buf_fmt(b, " build-id %s", f->build_id);
        }
    }
    if (f->inlined) {
        rg_buf_str(b, "  [inlined]");
    }
    put_color(b, s, is_own || f->is_system ? PLAIN : "");
    rg_buf_str(b, "\n");
}

void rg_text_put_frames(struct rg_buf *b, const struct rg_story *s, const struct rg_frames *r) {
    if (r->count == 0) {
        rg_buf_str(b, "       (no stack was recorded)\n");
    }
    for (size_t i = 0; i < r->count; i++) {
        put_frame(b, s, r, i);
    }
}

const char *rg_text_family(enum rg_family family) {
    static const char *const names[] = {[RG_FAMILY_MALLOC] = "malloc",
                                        [RG_FAMILY_NEW] = "operator new",
                                        [RG_FAMILY_NEW_ARRAY] = "operator new[]",
                                        [RG_FAMILY_ALIGNED] = "aligned_alloc or its kin"};
    return names[family];
}

static const char *const operations[] = {
    [RG_OP_READ] = "read",         [RG_OP_WRITE] = "write",
    [RG_OP_EXECUTE] = "execution", [RG_OP_FREE] = "free",
    [RG_OP_REALLOC] = "realloc",   [RG_OP_USABLE_SIZE] = "malloc_usable_size",
    [RG_OP_DELETE] = "delete",     [RG_OP_DELETE_ARRAY] = "delete[]",
    [RG_OP_FORK] = "fork",         [RG_OP_EXIT] = "exit",
};

const char *rg_text_operation(enum rg_operation operation) {
    return operations[operation];
}

static void put_wanted(struct rg_buf *b, const struct rg_finding *f) {
    if (f->times > 0) {
        rg_buf_fmt(b, " asks for %zu times %zu bytes, more than a size can tell", f->times,
                   f->wanted);
        return;
    }
    rg_buf_fmt(b, " asks for %zu bytes", f->wanted);
    if (f->wanted >= SIZE_MAX - INT32_MAX) {
        rg_buf_fmt(b, ", which is -%zu as a signed number", -f->wanted);
    }
}

void rg_text_put_message(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    put_color(b, s, BOLD);
    if (f->operation >= RG_OP_FORK && f->trouble != RG_TROUBLE_LEAK) {
        rg_buf_fmt(b, "the check at %s", operations[f->operation]);
    } else {
        rg_text_put_place(b, &s->access);
    }
    put_color(b, s, PLAIN);
    if (f->trouble == RG_TROUBLE_BEYOND || f->trouble == RG_TROUBLE_OVERRUN) {
        rg_text_put_past_end_headline(b, s);
    } else if (f->trouble == RG_TROUBLE_LEAK) {
        rg_text_put_leak_headline(b, s);
    } else if (f->trouble == RG_TROUBLE_STALE) {
        rg_buf_str(b, f->block.state == RG_BLOCK_RELEASED
                          ? " uses a pointer that realloc(pointer, 0) freed at "
                          : " uses a pointer that realloc moved away from at ");
        put_color(b, s, BOLD);
        rg_text_put_place(b, &s->moved);
        put_color(b, s, PLAIN);
    } else if (f->trouble == RG_TROUBLE_FREED) {
        rg_buf_str(b, " uses a block that was freed at ");
        rg_text_put_place(b, &s->moved);
    } else if (f->trouble == RG_TROUBLE_FAMILY) {
        rg_buf_fmt(b, " passes to %s what came from %s at ", operations[f->operation],
                   rg_text_family(f->block.family));
        rg_text_put_place(b, &s->born);
    } else if (f->trouble == RG_TROUBLE_BUSY) {
        rg_buf_fmt(b, " uses a block while thread %u is in realloc with it at ",
                   f->block.end_thread);
        rg_text_put_place(b, &s->moved);
    } else if (f->trouble == RG_TROUBLE_SIZED) {
        rg_buf_fmt(b, " says that %zu bytes are at a block of %zu bytes from ", f->wanted,
                   f->block.size);
        rg_text_put_place(b, &s->born);
    } else if (f->trouble == RG_TROUBLE_ALIGNED) {
        rg_buf_str(b, " may lose the alignment that was asked for at ");
        rg_text_put_place(b, &s->born);
    } else if (f->trouble == RG_TROUBLE_ZERO) {
        rg_buf_str(b, " asks realloc for 0 bytes");
    } else if (f->trouble == RG_TROUBLE_SIZE) {
        put_wanted(b, f);
    } else if (f->trouble == RG_TROUBLE_LOST) {
        rg_buf_str(b, " called realloc, which failed, and nothing points to the block any more");
    } else if (f->trouble == RG_TROUBLE_RESULT) {
        rg_buf_str(b, " uses the NULL that realloc returned at ");
        rg_text_put_place(b, &s->moved);
    } else if (f->trouble == RG_TROUBLE_INTERIOR) {
        rg_buf_str(b, " passes a pointer into the middle of memory of the heap");
    } else {
        rg_buf_str(b, " passes a pointer that no allocation returned");
    }
}

static void put_headline(struct rg_buf *b, const struct rg_story *s) {
    rg_buf_fmt(b, "==%d== ", s->pid);
    put_color(b, s, RED);
    rg_buf_fmt(b, "%s", rg_finding_kind(s->finding));
    put_color(b, s, PLAIN);
    rg_buf_str(b, ": ");
    rg_text_put_message(b, s);
    rg_buf_str(b, "\n");
}

// Where the address lies, relative to the block that owns it.
void rg_text_put_position(struct rg_buf *b, const struct rg_finding *f) {
    uintptr_t start = f->block.address;
    size_t size = f->block.size;
    const char *age = f->trouble == RG_TROUBLE_STALE ? "old " : "";
    if (f->address < start) {
        rg_text_put_bytes(b, start - f->address);
        rg_buf_fmt(b, " before the %sblock of ", age);
    } else if (f->address >= start + size && f->address > start) {
        rg_text_put_bytes(b, f->address - start - size);
        rg_buf_fmt(b, " past the end of the %sblock of ", age);
    } else {
        rg_buf_fmt(b, "at offset %zu of the %sblock of ", (size_t)(f->address - start), age);
    }
    rg_text_put_bytes(b, size);
}

// The call is all that was seen of it.
static void put_lost(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    put_color(b, s, YELLOW);
    rg_buf_fmt(b, "  lost by this realloc of 0x%lx", f->address);
    put_color(b, s, PLAIN);
    rg_buf_fmt(b, " from %zu to ", f->has_block ? f->block.size : 0);
    rg_text_put_bytes(b, f->wanted);
    rg_buf_fmt(b,
               ", which returned NULL and left the block as it was, by thread %u: its result "
               "overwrote the only "
               "pointer, or no other one was kept\n",
               f->thread);
    rg_text_put_frames(b, s, &s->access);
}

static void put_failed(struct rg_buf *b, const struct rg_story *s) {
    put_color(b, s, YELLOW);
    rg_buf_str(b, "  failed: this realloc to ");
    rg_text_put_bytes(b, s->finding->wanted);
    rg_buf_str(b, ", the last one of the thread, which returned NULL\n");
    put_color(b, s, PLAIN);
    rg_text_put_frames(b, s, &s->moved);
}

// The processor names the first page that could not be accessed; the access may have begun in the one before it, which is
// the block's.
static bool may_begin_before(const struct rg_finding *f) {
    return f->trouble == RG_TROUBLE_BEYOND && !f->call && f->access_bytes > 1 &&
           f->address % RG_PAGE_SIZE == 0;
}

static const char *word_before_address(const struct rg_finding *f) {
    return may_begin_before(f) ? " that reaches" : f->operation <= RG_OP_EXECUTE ? " at" : " of";
}

static void put_what(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    if (f->trouble == RG_TROUBLE_LOST) {
        put_lost(b, s);
        return;
    }
    rg_buf_fmt(b, "  %s", operations[f->operation]);
    if (f->access_bytes > 0) {
        rg_buf_str(b, " of ");
        rg_text_put_bytes(b, f->access_bytes);
    }
    rg_buf_fmt(b, "%s 0x%lx", word_before_address(f), f->address);
    if (f->call) {
        rg_buf_fmt(b, " by the system, for %s (argument %s)", f->call, f->argument);
    }
    if (f->has_block) {
        rg_buf_str(b, ", ");
        rg_text_put_position(b, f);
    }
    rg_buf_fmt(b, ", by thread %u (tid %d, \"%s\")\n", f->thread, f->tid, f->thread_name);
    rg_text_put_frames(b, s, &s->access);
}

static void put_thread(struct rg_buf *b, bool is_known, uint16_t thread) {
    if (is_known) {
        rg_buf_fmt(b, ", by thread %u", thread);
    }
    rg_buf_str(b, "\n");
}

const char *rg_text_hint(const struct rg_finding *f) {
    bool stays = f->knows_moved_size && rg_luck_stays(f->block.size, f->moved_size);
    return stays ? "with the C library alone the block would have stayed where it was: there the "
                   "old pointer works by luck"
                 : NULL;
}

static void put_moved(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_block_facts *block = &s->finding->block;
    put_color(b, s, YELLOW);
    if (s->finding->trouble == RG_TROUBLE_BUSY) {
        rg_buf_fmt(b, "  in realloc, by thread %u\n", block->end_thread);
    } else if (block->state == RG_BLOCK_RELEASED) {
        rg_buf_str(b, "  freed by realloc(pointer, 0)");
        put_thread(b, !block->is_brief, block->end_thread);
    } else if (block->state == RG_BLOCK_MOVED) {
        rg_buf_fmt(b, "  moved by realloc from %zu", block->size);
        if (s->finding->knows_moved_size) {
            rg_buf_fmt(b, " to %zu", s->finding->moved_size);
        }
        rg_buf_fmt(b, " bytes, to 0x%lx", block->moved_to);
        put_thread(b, !block->is_brief, block->end_thread);
    } else if (block->is_brief && block->state == RG_BLOCK_ENDED) {
        rg_buf_str(b, "  freed\n");
    } else {
        rg_buf_fmt(b, "  freed by thread %u\n", block->end_thread);
    }
    put_color(b, s, PLAIN);
    rg_text_put_frames(b, s, &s->moved);
    const char *hint = rg_text_hint(s->finding);
    if (hint) {
        rg_buf_fmt(b, "       %s\n", hint);
    }
}

static void put_today(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    if (f->block.state != RG_BLOCK_MOVED) {
        return;
    }
    put_color(b, s, YELLOW);
    rg_buf_str(b, "  today ");
    if (f->moves_since > 0) {
        rg_buf_fmt(b, "the block, moved %zu more time%s, ", f->moves_since, plural(f->moves_since));
    } else {
        rg_buf_str(b, "the block ");
    }
    if (f->today == RG_TODAY_LIVE) {
        rg_buf_fmt(b, "is live at 0x%lx (", f->today_address);
        rg_text_put_bytes(b, f->today_size);
        rg_buf_str(b, ")\n");
        put_color(b, s, PLAIN);
        return;
    }
    rg_buf_fmt(b, "is gone: freed%s",
               f->today == RG_TODAY_RELEASED ? " by realloc(pointer, 0)" : "");
    if (!f->end_is_brief) {
        rg_buf_fmt(b, " by thread %u", f->end_thread);
    }
    rg_buf_str(b, "\n");
    put_color(b, s, PLAIN);
    // Who freed it by realloc is known for ever.
    if (!f->end_is_brief || f->today == RG_TODAY_RELEASED) {
        rg_text_put_frames(b, s, &s->ended);
    }
}

// The block, or what it was before, was moved so long ago that little is known.
static void put_dropped(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    put_color(b, s, YELLOW);
    if (f->block.state == RG_BLOCK_FREE) {
        rg_buf_str(b, "  who allocated it");
        put_color(b, s, PLAIN);
        rg_buf_str(
            b, " is not known any more: of a block that is long gone only who freed it is kept\n");
        return;
    }
    if (f->moves_before > 0) {
        rg_buf_fmt(b, "  moved %zu time%s before that; who allocated it", f->moves_before,
                   plural(f->moves_before));
    } else {
        rg_buf_str(b, "  who allocated it");
    }
    put_color(b, s, PLAIN);
    rg_buf_fmt(b,
               " was dropped: such details are kept of the last %d blocks that realloc moved; the "
               "option history=N keeps those of the last N\n",
               s->history);
}

static void put_born(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    if (f->origin.is_brief) {
        put_dropped(b, s);
        return;
    }
    put_color(b, s, YELLOW);
    rg_buf_fmt(b, "  allocated (%zu byte%s) by thread %u", f->origin.size, plural(f->origin.size),
               f->origin.alloc_thread);
    if (f->moves_before > 0) {
        rg_buf_fmt(b, ", and moved %zu time%s %s", f->moves_before, plural(f->moves_before),
                   s->is_description && !rg_finding_has_end(f) ? "since" : "before that");
    }
    rg_buf_str(b, "\n");
    put_color(b, s, PLAIN);
    rg_text_put_frames(b, s, &s->born);
}

void rg_text_put_block(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    if (rg_finding_has_end(f) || (f->has_block && f->trouble == RG_TROUBLE_BUSY)) {
        put_moved(b, s);
        put_today(b, s);
    }
    if (f->cut_off > 0) {
        put_color(b, s, YELLOW);
        rg_buf_fmt(b, "  made smaller by realloc, from %zu to %zu bytes\n",
                   f->block.size + f->cut_off, f->block.size);
        put_color(b, s, PLAIN);
        rg_text_put_frames(b, s, &s->moved);
    }
    // Who has allocated a leaked block is told by then, unless realloc has moved it.
    if (f->has_block && (f->trouble != RG_TROUBLE_LEAK || f->moves_before > 0)) {
        put_born(b, s);
    }
    if (f->has_block) {
        rg_text_put_life(b, s);
    }
}

void rg_text_put_report(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    put_headline(b, s);
    if (f->trouble == RG_TROUBLE_OVERRUN) {
        rg_text_put_overrun(b, s);
    } else if (f->trouble == RG_TROUBLE_LEAK) {
        rg_text_put_leak(b, s);
    } else {
        put_what(b, s);
    }
    if (f->trouble == RG_TROUBLE_RESULT) {
        put_failed(b, s);
    }
    rg_text_put_block(b, s);
    rg_buf_str(b, "  ");
    put_color(b, s, YELLOW);
    rg_buf_str(b, "advice");
    put_color(b, s, PLAIN);
    rg_buf_str(b, ": ");
    rg_text_put_advice(b, s);
    rg_buf_str(b, "\n\n");
}
