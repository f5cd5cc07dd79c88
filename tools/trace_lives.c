// SPDX-License-Identifier: MIT
// See trace_lives.h.
#include "trace_lives.h"

#include "need.h"
#include "number_map.h"

#include <stdlib.h>
#include <string.h>

// A block that a part of what is asked for has fitted already.
enum { HAS_ADDRESS = 1, HAS_SITE = 2, WAS_ASKED = 4 };

struct search {
    const struct rg_trace_session *s;
    struct rg_trace_lives_wanted *w;
    struct rg_trace_lives *l;
    struct rg_number_map hits; // flags, by number of the block
    struct rg_number_map by_number;
};

const struct rg_trace_step *rg_trace_life_step(const struct rg_trace_life *l, size_t i) {
    if (i < RG_TRACE_LIFE_FIRST) {
        return &l->first[i];
    }
    return i + RG_TRACE_LIFE_LAST >= l->step_count ? &l->last[i % RG_TRACE_LIFE_LAST] : NULL;
}

static bool goes_before(const struct search *s, const struct rg_trace_block *b,
                        const struct rg_trace_life *than) {
    if (s->w->is_longest && b->reallocs != than->reallocs) {
        return b->reallocs > than->reallocs;
    }
    return b->number < than->number;
}

// Keeps the block if it is among the first of those wanted.
static void keep(struct search *s, const struct rg_trace_block *b) {
    struct rg_trace_lives *l = s->l;
    l->found++;
    size_t at = l->count;
    while (at > 0 && goes_before(s, b, l->lives[at - 1])) {
        at--;
    }
    if (at >= s->w->count) {
        return;
    }
    if (l->count == s->w->count) {
        free(l->lives[--l->count]);
    }
    l->lives = (struct rg_trace_life **)rg_need_room((void *)l->lives, l->count, sizeof(void *));
    memmove((void *)(l->lives + at + 1), (void *)(l->lives + at), (l->count - at) * sizeof(void *));
    l->lives[at] = rg_need(sizeof(struct rg_trace_life));
    l->lives[at]->number = b->number;
    l->lives[at]->reallocs = b->reallocs;
    l->count++;
}

static bool covers(const struct search *s, uint64_t from_ns, uint64_t to_ns) {
    return !s->w->has_at || (from_ns <= s->w->at_ns && s->w->at_ns <= to_ns);
}

// The block has ended, or the trace.
static void judge(struct search *s, const struct rg_trace_block *b, uint64_t end_ns) {
    const uintptr_t hit = (uintptr_t)rg_number_map_remove(&s->hits, b->number);
    if ((hit & HAS_ADDRESS || !s->w->has_address) && (hit & HAS_SITE || !s->w->site.text) &&
        covers(s, rg_trace_reader_ns(s->s->reader, b->born), end_ns)) {
        keep(s, b);
    }
}

static void note(struct search *s, const struct rg_trace_block *b, uintptr_t hit) {
    void **item = rg_number_map_get(&s->hits, b->number);
    *item = (void *)((uintptr_t)*item | hit);
}

// With a time, what counts is the size and the address that the block had then, up to its next event.
static void ask(struct search *s, const struct rg_trace_block *b) {
    if (!s->w->has_address || !s->w->has_at ||
        rg_trace_reader_ns(s->s->reader, b->born) > s->w->at_ns ||
        (uintptr_t)rg_number_map_find(&s->hits, b->number) & WAS_ASKED) {
        return;
    }
    note(s, b, WAS_ASKED | (rg_trace_block_has(b, s->w->address) ? HAS_ADDRESS : 0));
}

static void find_event(void *arg, const struct rg_trace_event *e, uint32_t thread,
                       const struct rg_trace_block *before, const struct rg_trace_block *after) {
    (void)thread;
    struct search *s = arg;
    const uint64_t ns = rg_trace_reader_ns(s->s->reader, e->ticks);
    if (after->address && s->w->site.text && rg_trace_pattern_matches(&s->w->site, e->stack)) {
        note(s, after, HAS_SITE);
    }
    if (after->address && s->w->has_address && !s->w->has_at &&
        rg_trace_block_has(after, s->w->address)) {
        note(s, after, HAS_ADDRESS);
    }
    if (before->address && ns >= s->w->at_ns) {
        ask(s, before);
    }
    if (before->address && !after->address && !s->w->is_live) {
        judge(s, before, ns);
    }
}

static void find_live(void *arg, const struct rg_trace_block *b) {
    struct search *s = arg;
    ask(s, b);
    judge(s, b, UINT64_MAX);
}

static void take_step(void *arg, const struct rg_trace_event *e, uint32_t thread,
                      const struct rg_trace_block *before, const struct rg_trace_block *after) {
    struct search *s = arg;
    const uint64_t number = after->address ? after->number : before->number;
    struct rg_trace_life *l = rg_number_map_find(&s->by_number, number);
    if (!l || number == 0) {
        return;
    }
    const struct rg_trace_step step = {
        .event = *e, .thread = thread, .size_before = before->address ? before->size : e->old_size};
    const size_t i = l->step_count++;
    if (i < RG_TRACE_LIFE_FIRST) {
        l->first[i] = step;
    } else {
        l->last[i % RG_TRACE_LIFE_LAST] = step;
    }
}

void rg_trace_lives_read(struct rg_trace_lives *l, const struct rg_trace_session *s,
                         struct rg_trace_lives_wanted *w) {
    struct search search = {.s = s, .w = w, .l = l};
    *l = (struct rg_trace_lives){0};
    rg_trace_model_read(s->model, s->reader, find_event, &search, true);
    rg_trace_model_each_live(s->model, find_live, &search);
    free(search.hits.places);
    for (size_t i = 0; i < l->count; i++) {
        *rg_number_map_get(&search.by_number, l->lives[i]->number) = l->lives[i];
    }
    if (l->count > 0) {
        struct rg_trace_model *again = rg_trace_model_open();
        rg_trace_model_read(again, s->reader, take_step, &search, true);
        rg_trace_model_close(again);
    }
    free(search.by_number.places);
}

void rg_trace_lives_done(struct rg_trace_lives *l) {
    for (size_t i = 0; i < l->count; i++) {
        free(l->lives[i]);
    }
    free((void *)l->lives);
}
