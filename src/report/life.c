// SPDX-License-Identifier: MIT
// The life of a block: its steps, and one line of text for each, oldest first. Pure.
#include "report/text.h"

// Whom the steps are for.
struct listener {
    void (*fn)(void *arg, const struct rg_life_step *step);
    void *arg;
};

static void tell(const struct listener *l, struct rg_life_step step) {
    l->fn(l->arg, &step);
}

// Of step n, which was not left out.
static const char *place_of(const struct rg_lineage *l, const char (*places)[RG_STORY_PLACE],
                            size_t n) {
    const char *place =
        places[n < RG_LINEAGE_KEPT || l->steps <= RG_STORY_STEPS ? n
                                                                 : n - (l->steps - RG_STORY_STEPS)];
    return place[0] ? place : "an unknown place";
}

static void tell_left_out(const struct listener *l, const struct rg_lineage *lineage) {
    tell(l, (struct rg_life_step){.event = RG_LIFE_LEFT_OUT, .calls = lineage->calls_left_out});
}

// Backward: they were added the latest first.
static void tell_before(const struct listener *l, const struct rg_story *s) {
    const struct rg_lineage *lineage = &s->finding->before;
    bool is_left_out = false;
    for (size_t n = lineage->steps; n-- > 0;) {
        const struct rg_lineage_step *step = rg_lineage_get(lineage, n);
        if (!step) {
            if (!is_left_out) {
                tell_left_out(l, lineage);
            }
            is_left_out = true;
        } else if (n + 1 < lineage->steps) {
            tell(l, (struct rg_life_step){.event = RG_LIFE_MOVED,
                                          .size = step->first_size,
                                          .first_size = step->last_size,
                                          .calls = step->calls,
                                          .place = place_of(lineage, s->before, n)});
        } else if (s->finding->origin.is_brief) {
            tell(l, (struct rg_life_step){.event = RG_LIFE_UNKNOWN, .size = step->last_size});
        } else {
            tell(l, (struct rg_life_step){.event = RG_LIFE_ALLOCATED,
                                          .size = step->last_size,
                                          .place = place_of(lineage, s->before, n)});
        }
    }
}

static void tell_after(const struct listener *l, const struct rg_story *s) {
    const struct rg_lineage *lineage = &s->finding->after;
    bool is_left_out = false;
    for (size_t n = 0; n < lineage->steps; n++) {
        const struct rg_lineage_step *step = rg_lineage_get(lineage, n);
        if (step) {
            tell(l, (struct rg_life_step){.event = RG_LIFE_MOVED,
                                          .size = step->last_size,
                                          .first_size = step->first_size,
                                          .calls = step->calls,
                                          .place = place_of(lineage, s->after, n)});
        } else if (!is_left_out) {
            tell_left_out(l, lineage);
            is_left_out = true;
        }
    }
}

// at: NULL where that is not known any more.
static void tell_freed(const struct listener *l, const struct rg_frames *at) {
    char place[RG_STORY_FULL_PLACE];
    struct rg_buf b;
    rg_buf_init(&b, place, sizeof place);
    if (at) {
        rg_text_put_place(&b, at);
    }
    tell(l, (struct rg_life_step){.event = RG_LIFE_FREED, .place = at ? place : NULL});
}

bool rg_life_is_long(const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    size_t moves_since = f->block.state == RG_BLOCK_MOVED ? f->moves_since + 1 : 0;
    return f->moves_before + moves_since >= 2;
}

void rg_life_each(const struct rg_story *s, void (*fn)(void *arg, const struct rg_life_step *step),
                  void *arg) {
    const struct rg_finding *f = s->finding;
    const struct listener l = {fn, arg};
    tell_before(&l, s);
    if (f->block.state != RG_BLOCK_MOVED) {
        if (rg_finding_has_end(f)) {
            tell_freed(&l, &s->moved);
        }
        return;
    }
    tell(&l, (struct rg_life_step){.event = RG_LIFE_USED});
    tell_after(&l, s);
    if (f->today == RG_TODAY_LIVE) {
        tell(&l, (struct rg_life_step){.event = RG_LIFE_LIVE});
    } else {
        bool is_known = !f->end_is_brief || f->today == RG_TODAY_RELEASED;
        tell_freed(&l, is_known ? &s->ended : NULL);
    }
}

static void put_size(struct rg_buf *b, size_t size) {
    if (size > 0) {
        rg_buf_fmt(b, "%10zu byte%s", size, size == 1 ? " " : "s");
    } else {
        rg_buf_fmt(b, "%10s bytes", "?");
    }
}

static void put_move(struct rg_buf *b, const struct rg_life_step *step) {
    put_size(b, step->size);
    if (step->calls > 1) {
        rg_buf_fmt(b, "  moved %zu times at %s, first to %zu\n", step->calls, step->place,
                   step->first_size);
    } else {
        rg_buf_fmt(b, "  moved at %s\n", step->place);
    }
}

// Where the steps go, and what they are the life of.
struct lines {
    struct rg_buf *b;
    bool is_description;
};

static void put_step(void *arg, const struct rg_life_step *step) {
    const struct lines *lines = arg;
    struct rg_buf *b = lines->b;
    switch (step->event) {
    case RG_LIFE_ALLOCATED:
        put_size(b, step->size);
        rg_buf_fmt(b, "  allocated at %s\n", step->place);
        break;
    case RG_LIFE_UNKNOWN:
        put_size(b, step->size);
        rg_buf_str(b, "  what was before is not known any more\n");
        break;
    case RG_LIFE_MOVED:
        put_move(b, step);
        break;
    case RG_LIFE_LEFT_OUT:
        rg_buf_fmt(b, "               ...  %zu more move%s\n", step->calls,
                   step->calls == 1 ? "" : "s");
        break;
    case RG_LIFE_USED:
        rg_buf_fmt(b, "                =>  the pointer%s is from here\n",
                   lines->is_description ? "" : " that was used");
        break;
    case RG_LIFE_LIVE:
        rg_buf_str(b, "                    live today\n");
        break;
    case RG_LIFE_FREED:
        rg_buf_fmt(b, "                    freed%s%s\n", step->place ? " at " : "",
                   step->place ? step->place : "");
        break;
    }
}

void rg_text_put_life(struct rg_buf *b, const struct rg_story *s) {
    if (rg_life_is_long(s)) {
        rg_buf_str(b, "  life of the block\n");
        struct lines lines = {b, s->is_description};
        rg_life_each(s, put_step, &lines);
    }
}
