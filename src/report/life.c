// SPDX-License-Identifier: MIT
// The life of a block in words: one line for each step, oldest first. Pure.
#include "report/text.h"

// Of step n, which was not left out.
static const char *place_of(const struct rg_lineage *l, const char (*places)[RG_STORY_PLACE],
                            size_t n) {
    const char *place =
        places[n < RG_LINEAGE_KEPT || l->steps <= RG_STORY_STEPS ? n
                                                                 : n - (l->steps - RG_STORY_STEPS)];
    return place[0] ? place : "an unknown place";
}

static void put_size(struct rg_buf *b, size_t size) {
    if (size > 0) {
        rg_buf_fmt(b, "%10zu byte%s", size, size == 1 ? " " : "s");
    } else {
        rg_buf_fmt(b, "%10s bytes", "?");
    }
}

// from: after the first call of the step; to: after the last.
static void put_move(struct rg_buf *b, const struct rg_lineage_step *step, size_t from, size_t to,
                     const char *place) {
    put_size(b, to);
    if (step->calls > 1) {
        rg_buf_fmt(b, "  moved %u times at %s, first to %zu\n", step->calls, place, from);
    } else {
        rg_buf_fmt(b, "  moved at %s\n", place);
    }
}

static void put_left_out(struct rg_buf *b, const struct rg_lineage *l) {
    rg_buf_fmt(b, "               ...  %zu more move%s\n", l->calls_left_out,
               l->calls_left_out == 1 ? "" : "s");
}

// Backward: they were added the latest first.
static void put_before(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_lineage *l = &s->finding->before;
    bool is_left_out = false;
    for (size_t n = l->steps; n-- > 0;) {
        const struct rg_lineage_step *step = rg_lineage_get(l, n);
        if (!step) {
            if (!is_left_out) {
                put_left_out(b, l);
            }
            is_left_out = true;
        } else if (n + 1 < l->steps) {
            put_move(b, step, step->last_size, step->first_size, place_of(l, s->before, n));
        } else if (s->finding->origin.is_brief) {
            put_size(b, step->last_size);
            rg_buf_str(b, "  what was before is not known any more\n");
        } else {
            put_size(b, step->last_size);
            rg_buf_fmt(b, "  allocated at %s\n", place_of(l, s->before, n));
        }
    }
}

static void put_after(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_lineage *l = &s->finding->after;
    bool is_left_out = false;
    for (size_t n = 0; n < l->steps; n++) {
        const struct rg_lineage_step *step = rg_lineage_get(l, n);
        if (step) {
            put_move(b, step, step->first_size, step->last_size, place_of(l, s->after, n));
        } else if (!is_left_out) {
            put_left_out(b, l);
            is_left_out = true;
        }
    }
}

static void put_end(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    if (f->today == RG_TODAY_LIVE) {
        rg_buf_str(b, "                    live today\n");
        return;
    }
    rg_buf_str(b, "                    freed");
    if (!f->end_is_brief || f->today == RG_TODAY_RELEASED) {
        rg_buf_str(b, " at ");
        rg_text_put_place(b, &s->ended);
    }
    rg_buf_str(b, "\n");
}

void rg_text_put_life(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    bool is_moved = f->block.state == RG_BLOCK_MOVED;
    if (f->moves_before + (is_moved ? f->moves_since + 1 : 0) < 2) {
        return; // the rest of the report has said it all
    }
    rg_buf_str(b, "  life of the block\n");
    put_before(b, s);
    if (is_moved) {
        rg_buf_str(b, "                =>  the pointer that was used is from here\n");
        put_after(b, s);
        put_end(b, s);
    } else if (f->block.state != RG_BLOCK_LIVE) {
        rg_buf_str(b, "                    freed at ");
        rg_text_put_place(b, &s->moved);
        rg_buf_str(b, "\n");
    }
}
