// SPDX-License-Identifier: MIT
// A finding as a line for machines: every fact that text.c words, under the conditions under which it does. See
// json_line.h.
#include "report/json_line.h"

#include "report/json.h"

enum { SENTENCES_CAP = 2048 };

// A story, and how many frames of each stack there is room for.
struct work {
    struct rg_buf *b;
    const struct rg_story *s;
    size_t most;
};

static const char *trouble_id(enum rg_trouble trouble) {
    static const char *const ids[] = {
        [RG_TROUBLE_STALE] = "stale",       [RG_TROUBLE_FREED] = "freed",
        [RG_TROUBLE_INTERIOR] = "interior", [RG_TROUBLE_FOREIGN] = "foreign",
        [RG_TROUBLE_FAMILY] = "family",     [RG_TROUBLE_ZERO] = "zero",
        [RG_TROUBLE_SIZE] = "size",         [RG_TROUBLE_BUSY] = "busy",
        [RG_TROUBLE_SIZED] = "sized",       [RG_TROUBLE_ALIGNED] = "aligned",
        [RG_TROUBLE_BEYOND] = "beyond",     [RG_TROUBLE_OVERRUN] = "overrun",
        [RG_TROUBLE_LOST] = "lost",         [RG_TROUBLE_RESULT] = "result",
        [RG_TROUBLE_LEAK] = "leak",
    };
    return ids[trouble];
}

static const char *state_id(enum rg_block_state state) {
    static const char *const ids[] = {
        [RG_BLOCK_LIVE] = "live",   [RG_BLOCK_MOVING] = "moving",     [RG_BLOCK_FREE] = "freed",
        [RG_BLOCK_MOVED] = "moved", [RG_BLOCK_RELEASED] = "released", [RG_BLOCK_ENDED] = "freed",
    };
    return state == RG_BLOCK_UNUSED ? "freed" : ids[state];
}

static const char *family_id(enum rg_family family) {
    static const char *const ids[] = {[RG_FAMILY_MALLOC] = "malloc",
                                      [RG_FAMILY_NEW] = "new",
                                      [RG_FAMILY_NEW_ARRAY] = "new-array",
                                      [RG_FAMILY_ALIGNED] = "aligned"};
    return ids[family];
}

// What the text report says in whole sentences is said here in the same ones.
static void put_sentences(struct work *w, const char *key,
                          void (*put)(struct rg_buf *b, const struct rg_story *s)) {
    char sentences[SENTENCES_CAP];
    struct rg_buf b;
    rg_buf_init(&b, sentences, sizeof sentences);
    put(&b, w->s);
    rg_json_put_text(w->b, key, sentences);
}

static void put_thread(struct work *w, const struct rg_finding *f) {
    rg_json_open(w->b, "thread", '{');
    rg_json_put_number(w->b, "number", f->thread);
    rg_json_put_positive(w->b, "tid", f->tid > 0 ? (size_t)f->tid : 0);
    rg_json_put_known(w->b, "name", f->thread_name);
    rg_json_close(w->b, '}');
}

static void put_requested(struct work *w, const struct rg_finding *f) {
    switch (f->trouble) {
    case RG_TROUBLE_SIZE:
    case RG_TROUBLE_SIZED:
    case RG_TROUBLE_LOST:
    case RG_TROUBLE_RESULT:
        rg_json_put_number(w->b, "requested_size", f->wanted);
        break;
    default:
        return;
    }
    rg_json_put_positive(w->b, "requested_times", f->trouble == RG_TROUBLE_SIZE ? f->times : 0);
}

static void put_access(struct work *w, const struct rg_finding *f) {
    rg_json_put_address(w->b, "address", f->address);
    rg_json_put_positive(w->b, "access_size", f->access_bytes);
    if (f->call) {
        rg_json_open(w->b, "system_call", '{');
        rg_json_put_text(w->b, "function", f->call);
        rg_json_put_text(w->b, "argument", f->argument);
        rg_json_close(w->b, '}');
    }
    if (f->has_block) {
        rg_json_put_signed(w->b, "offset", (long)(f->address - f->block.address));
    }
    put_requested(w, f);
    if (f->trouble == RG_TROUBLE_OVERRUN) {
        rg_json_open(w->b, "damage", '{');
        rg_json_put_number(w->b, "offset", f->damage_first);
        rg_json_put_number(w->b, "count", f->damage_count);
        rg_json_close(w->b, '}');
    }
    if (f->trouble == RG_TROUBLE_LEAK) {
        rg_json_open(w->b, "leak", '{');
        rg_json_put_number(w->b, "direct_bytes", f->leaked_bytes);
        rg_json_put_number(w->b, "direct_blocks", f->leaked_blocks);
        rg_json_put_number(w->b, "indirect_bytes", f->indirect_bytes);
        rg_json_put_number(w->b, "indirect_blocks", f->indirect_blocks);
        rg_json_put_number(w->b, "thread", f->block.alloc_thread);
        rg_json_close(w->b, '}');
    }
    // What the guard finds by itself was done at no place of the program's, but what it finds there may have been.
    if (f->operation < RG_OP_FORK || f->trouble == RG_TROUBLE_LEAK) {
        rg_json_put_stack(w->b, &w->s->access, w->most);
    } else {
        rg_json_open(w->b, "stack", '[');
        rg_json_close(w->b, ']');
    }
}

static void put_allocated(struct work *w, const struct rg_finding *f) {
    rg_json_put_number(w->b, "moves_before", f->moves_before);
    if (f->origin.is_brief) {
        bool is_gone = f->block.state == RG_BLOCK_FREE;
        rg_json_put_text(w->b, "allocated_unknown", is_gone ? "gone" : "dropped");
        if (!is_gone) {
            rg_json_put_number(w->b, "history", (size_t)w->s->history);
        }
        return;
    }
    rg_json_open(w->b, "allocated", '{');
    rg_json_put_address(w->b, "address", f->origin.address);
    rg_json_put_number(w->b, "size", f->origin.size);
    rg_json_put_number(w->b, "thread", f->origin.alloc_thread);
    rg_json_put_stack(w->b, &w->s->born, w->most);
    rg_json_close(w->b, '}');
}

static void put_moved(struct work *w, const struct rg_finding *f) {
    rg_json_open(w->b, "moved", '{');
    rg_json_put_address(w->b, "to_address", f->block.moved_to);
    if (f->knows_moved_size) {
        rg_json_put_number(w->b, "to_size", f->moved_size);
    }
    if (!f->block.is_brief) {
        rg_json_put_number(w->b, "thread", f->block.end_thread);
    }
    rg_json_put_flag(w->b, "stays_in_libc", rg_text_hint(f));
    rg_json_put_stack(w->b, &w->s->moved, w->most);
    rg_json_close(w->b, '}');
}

static void put_freed(struct work *w, const struct rg_finding *f) {
    bool is_by_realloc = f->block.state == RG_BLOCK_RELEASED;
    rg_json_open(w->b, "freed", '{');
    rg_json_put_text(w->b, "by", is_by_realloc ? "realloc" : "free");
    if (!f->block.is_brief || f->block.state == RG_BLOCK_FREE) {
        rg_json_put_number(w->b, "thread", f->block.end_thread);
    }
    rg_json_put_stack(w->b, &w->s->moved, w->most);
    rg_json_close(w->b, '}');
}

// What became of the block at its address.
static void put_end(struct work *w, const struct rg_finding *f) {
    if (f->trouble == RG_TROUBLE_BUSY) {
        rg_json_open(w->b, "in_realloc", '{');
        rg_json_put_number(w->b, "thread", f->block.end_thread);
        rg_json_put_stack(w->b, &w->s->moved, w->most);
        rg_json_close(w->b, '}');
    } else if (f->block.state == RG_BLOCK_MOVED) {
        put_moved(w, f);
    } else if (rg_finding_has_end(f)) {
        put_freed(w, f);
    }
    if (f->cut_off > 0) {
        rg_json_open(w->b, "shrunk", '{');
        rg_json_put_number(w->b, "from_size", f->block.size + f->cut_off);
        rg_json_put_number(w->b, "cut_off", f->cut_off);
        rg_json_put_stack(w->b, &w->s->moved, w->most);
        rg_json_close(w->b, '}');
    }
}

static void put_block(struct work *w, const struct rg_finding *f) {
    rg_json_open(w->b, "block", '{');
    rg_json_put_address(w->b, "address", f->block.address);
    rg_json_put_number(w->b, "size", f->block.size);
    rg_json_put_known(w->b, "family", f->block.is_brief ? NULL : family_id(f->block.family));
    rg_json_put_text(w->b, "state", state_id(f->block.state));
    rg_json_put_flag(w->b, "dropped", f->block.is_brief);
    put_allocated(w, f);
    put_end(w, f);
    rg_json_close(w->b, '}');
}

static void put_today(struct work *w, const struct rg_finding *f) {
    static const char *const ids[] = {
        [RG_TODAY_LIVE] = "live", [RG_TODAY_FREED] = "freed", [RG_TODAY_RELEASED] = "released"};
    rg_json_open(w->b, "today", '{');
    rg_json_put_text(w->b, "state", ids[f->today]);
    rg_json_put_number(w->b, "moves", f->moves_since);
    if (f->today == RG_TODAY_LIVE) {
        rg_json_put_address(w->b, "address", f->today_address);
        rg_json_put_number(w->b, "size", f->today_size);
    } else if (!f->end_is_brief) {
        rg_json_put_number(w->b, "thread", f->end_thread);
    }
    if (f->today == RG_TODAY_RELEASED || (f->today == RG_TODAY_FREED && !f->end_is_brief)) {
        rg_json_put_stack(w->b, &w->s->ended, w->most);
    }
    rg_json_close(w->b, '}');
}

static void put_step(void *arg, const struct rg_life_step *step) {
    static const char *const ids[] = {
        [RG_LIFE_ALLOCATED] = "allocated", [RG_LIFE_UNKNOWN] = "unknown", [RG_LIFE_MOVED] = "moved",
        [RG_LIFE_LEFT_OUT] = "left-out",   [RG_LIFE_USED] = "used",       [RG_LIFE_LIVE] = "live",
        [RG_LIFE_FREED] = "freed",
    };
    struct rg_buf *b = arg;
    rg_json_open(b, NULL, '{');
    rg_json_put_text(b, "step", ids[step->event]);
    rg_json_put_positive(b, "size", step->size);
    rg_json_put_positive(b, "first_size", step->calls > 1 ? step->first_size : 0);
    rg_json_put_positive(b, "calls", step->calls);
    rg_json_put_known(b, "place", step->place);
    rg_json_close(b, '}');
}

static void put_all(struct work *w, unsigned number) {
    const struct rg_finding *f = w->s->finding;
    rg_json_begin_line(w->b, "finding");
    rg_json_put_number(w->b, "number", number);
    rg_json_put_text(w->b, "kind", rg_finding_kind_id(f));
    rg_json_put_text(w->b, "title", rg_finding_kind(f));
    put_sentences(w, "message", rg_text_put_message);
    rg_json_put_text(w->b, "trouble", trouble_id(f->trouble));
    rg_json_put_text(w->b, "operation", rg_text_operation(f->operation));
    put_thread(w, f);
    put_access(w, f);
    if (f->has_block) {
        put_block(w, f);
    }
    if (f->trouble == RG_TROUBLE_RESULT) {
        rg_json_open(w->b, "failed_realloc", '{');
        rg_json_put_number(w->b, "size", f->wanted);
        rg_json_put_stack(w->b, &w->s->moved, w->most);
        rg_json_close(w->b, '}');
    }
    if (f->has_block && f->block.state == RG_BLOCK_MOVED) {
        put_today(w, f);
    }
    if (f->has_block && rg_life_is_long(w->s)) {
        rg_json_open(w->b, "life", '[');
        rg_life_each(w->s, put_step, w->b);
        rg_json_close(w->b, ']');
    }
    rg_json_put_known(w->b, "hint", rg_text_hint(f));
    put_sentences(w, "advice", rg_text_put_advice);
    rg_json_put_flag(w->b, "truncated", w->most < RG_FRAMES_MAX);
    rg_json_end_line(w->b);
}

void rg_json_put_finding(struct rg_buf *b, const struct rg_story *s, unsigned number) {
    struct rg_buf empty = *b;
    struct work w = {.b = b, .s = s, .most = RG_FRAMES_MAX};
    put_all(&w, number);
    while (b->truncated && w.most > 0) {
        *b = empty;
        w.most /= 2;
        put_all(&w, number);
    }
}
