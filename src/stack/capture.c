// SPDX-License-Identifier: MIT
// See capture.h. No state of its own.
#include "stack/capture.h"

#include "base/arena.h"
#include "base/sys.h"
#include "base/vmem.h"
#include "stack/modules.h"

#include <string.h>

static RG_NOINLINE bool is_there(const struct rg_walker *w, uintptr_t at) {
    return rg_walk_is_own(w, at) || rg_is_readable((void *)at, 1);
}

RG_INLINE bool may_hold_far(const struct rg_trace *t, const struct rg_walker *w) {
    return t->sp >= w->readable_from && t->sp + t->extent <= w->readable_to;
}

// Those outside of the first page, where the walker has found the stack to be readable. Another, smaller stack may be
// at the same place by now, and what was behind it be gone: so each page is looked at only if all words before it are
// as they were, and a walk would read its first one too; or if it is asked for, where there are none before it.
RG_INLINE bool holds_far(const struct rg_trace *t, const struct rg_walker *w) {
    if (!may_hold_far(t, w)) {
        return false;
    }
    const uint16_t *at = rg_trace_places(t) + t->near_count;
    if (rg_unlikely(t->near_count == 0) && !is_there(w, t->sp + at[1] * sizeof(uintptr_t))) {
        return false;
    }
    for (size_t i = t->near_count; i < t->word_count;) {
        size_t count = *at++;
        if (!rg_trace_group_holds(t->sp, &t->value[i], at, count)) {
            return false;
        }
        i += count;
        at += count;
    }
    return true;
}

// A few of the words in the first page as they are now, in 8 bits.
RG_INLINE uint8_t sample(const struct rg_trace *t) {
    const uintptr_t *stack = (const uintptr_t *)t->sp;
    const uint16_t *at = rg_trace_places(t);
    uintptr_t sum = 0, odd = 0x9e3779b97f4a7c15UL;
    for (unsigned i = 0; i < RG_TRACE_SAMPLES && t->near_count > 0; i++) {
        // The innermost frames are often the wrappers of many callers.
        unsigned word = i < RG_TRACE_SAMPLES / 2 ? i : i * t->near_count / RG_TRACE_SAMPLES;
        sum += stack[at[word < t->near_count ? word : 0]] * odd;
        odd += 0x632be59bd9b4e01aUL;
    }
    return (uint8_t)(sum >> 56);
}

// Where those words stand.
static uint16_t layout_of(const struct rg_trace *t) {
    const uint16_t *at = rg_trace_places(t);
    uint64_t h = t->near_count;
    for (size_t i = 0; i < t->near_count; i++) {
        h = (h ^ at[i]) * 0x9e3779b97f4a7c15UL;
    }
    return (uint16_t)(h >> 48);
}

static RG_COLD void drop_traces(struct rg_capture *c) {
    memset(c->ref, 0, sizeof c->ref);
    memset(c->expected, 0, sizeof c->expected);
    c->last = 0;
}

// A program of few stacks fills any ring, with what else varies in its frames, and gains nothing by a larger one. Many
// are those that would fill half of this one, if each were as long as what is to be written.
static bool may_grow(const struct rg_capture *c, uint32_t units) {
    return !c->ring ||
           (c->ring_size < RG_TRACE_RING_MOST && rg_depot_count() * units >= c->ring_size / 2);
}

// At the end of a round, before `position`: what was written in it stands where the larger ring has it. What was
// written before it is not there, but zeros.
static RG_COLD void grow_ring(struct rg_capture *c, uint32_t position) {
    uint32_t size = c->ring ? RG_TRACE_RING_MOST : RG_TRACE_RING_FIRST;
    char *ring = rg_arena_alloc((size_t)size * RG_TRACE_UNIT);
    if (!ring) {
        return;
    }
    if (c->ring) {
        uint32_t at = (position - c->ring_size) & (size - 1);
        memcpy(&ring[(size_t)at * RG_TRACE_UNIT], c->ring, (size_t)c->ring_size * RG_TRACE_UNIT);
    }
    c->ring = ring;
    c->ring_size = size;
}

// Room for a trace of `bytes`, in one piece: what would not fit before the ring's end starts at its beginning. NULL
// when there is no memory.
static struct rg_trace *make_room(struct rg_capture *c, size_t bytes, uint32_t *ret_position) {
    uint32_t units = (uint32_t)((bytes + RG_TRACE_UNIT - 1) / RG_TRACE_UNIT);
    uint32_t position = c->written ? c->written : RG_TRACE_RING_MOST;
    if (rg_unlikely(position >= RG_TRACE_POSITIONS)) {
        drop_traces(c);
        position = RG_TRACE_RING_MOST;
    }
    uint32_t at = position & (c->ring_size - 1);
    if (rg_unlikely(at == 0 || at + units > c->ring_size)) {
        position += c->ring && at ? c->ring_size - at : 0;
        if (may_grow(c, units)) {
            grow_ring(c, position);
        }
        if (!c->ring) {
            return NULL;
        }
    }
    c->written = position + units;
    *ret_position = position;
    return rg_trace_at(c, position);
}

// What leads to traces of a caller.
struct place {
    uint32_t *expected;
    struct rg_trace_ref *set;
    uint8_t *next_way;
    uint8_t tag;
};

static struct place place_of(struct rg_capture *c, const struct rg_caller *caller) {
    uintptr_t mixed = rg_trace_mix(caller->pc ^ caller->sp << 20);
    size_t set = mixed >> 54 & (RG_TRACE_SETS - 1);
    return (struct place){
        .expected = rg_trace_expected(c, caller),
        .set = c->ref[set],
        .next_way = &c->next_way[set],
        .tag = (uint8_t)(mixed >> 46),
    };
}

// A draft at work, and the group that is being written.
struct draft_end {
    size_t word, place; // the next ones
    size_t group_word;  // the first one of the group
    uint16_t *count;    // where its count is kept; NULL: it is the first
    uintptr_t page;
};

RG_INLINE void end_group(struct rg_trace_draft *d, struct draft_end *end) {
    if ((end->word - end->group_word) % 2 == 1) {
        d->value[end->word] = d->value[end->word - 1];
        d->place[end->place] = d->place[end->place - 1];
        end->word++;
        end->place++;
    }
    size_t count = end->word - end->group_word;
    if (end->count) {
        *end->count = (uint16_t)count;
    } else {
        d->near_count = count;
    }
}

RG_INLINE void add_word(struct rg_trace_draft *d, struct draft_end *end, uintptr_t sp, uintptr_t at,
                        uintptr_t value) {
    if (rg_unlikely(at / RG_PAGE_SIZE != end->page)) {
        end_group(d, end);
        end->group_word = end->word;
        end->count = &d->place[end->place++];
        end->page = at / RG_PAGE_SIZE;
    }
    d->value[end->word++] = value;
    d->place[end->place++] = (uint16_t)((at - sp) / sizeof(uintptr_t));
}

// False: a word is too far away.
static bool draft(struct rg_trace_draft *d, const struct rg_walk_trail *trail) {
    const uintptr_t sp = trail->frame[0].sp;
    const size_t pcs = trail->count + trail->has_end;
    struct draft_end end = {.page = (sp - sizeof(uintptr_t)) / RG_PAGE_SIZE};
    d->extent = trail->frame[pcs - 1].sp - sp;
    if (d->extent > UINT16_MAX * sizeof(uintptr_t)) {
        return false;
    }
    for (size_t i = 0; i < trail->count; i++) {
        const struct rg_walk_frame *f = &trail->frame[i];
        if (rg_unlikely(f->reads_bp) && f->bp_at) {
            add_word(d, &end, sp, f->bp_at, f->bp);
        }
        if (rg_likely(i + 1 < pcs)) {
            add_word(d, &end, sp, f[1].sp - sizeof(uintptr_t), trail->pc[i + 1]);
        }
    }
    end_group(d, &end);
    d->word_count = end.word;
    d->place_count = end.place;
    return true;
}

// Whether the word that ends the walk may lie beyond the end of the stack, in a page that can go before the stack does.
static bool ends_beyond(const struct rg_walker *w, const struct rg_walk_trail *trail) {
    const struct rg_walk_frame *end = &trail->frame[trail->count];
    uintptr_t at = end->sp - sizeof(uintptr_t), before = end[-1].sp - sizeof(uintptr_t);
    return trail->has_end && at / RG_PAGE_SIZE != before / RG_PAGE_SIZE && !rg_walk_is_own(w, at);
}

static void remember(struct rg_capture *c, struct place place, const struct rg_caller *caller,
                     const struct rg_walk_trail *trail, struct rg_captured captured) {
    struct rg_trace_draft *d = &c->draft;
    if (!trail->is_exact || caller->sp % sizeof(uintptr_t) != 0 || captured.id.v == 0 ||
        ends_beyond(&c->walker, trail) || !draft(d, trail)) {
        return;
    }
    const size_t value_bytes = d->word_count * sizeof d->value[0];
    const size_t place_bytes = d->place_count * sizeof d->place[0];
    uint32_t position;
    struct rg_trace *t = make_room(c, sizeof *t + value_bytes + place_bytes, &position);
    if (!t) {
        return;
    }
    *t = (struct rg_trace){.pc = caller->pc,
                           .sp = caller->sp,
                           .bp = caller->bp,
                           .extent = (uint32_t)d->extent,
                           .word_count = (uint16_t)d->word_count,
                           .near_count = (uint16_t)d->near_count,
                           .uses_bp = trail->frame[0].bp_matters,
                           .captured = captured};
    memcpy(t->value, d->value, value_bytes);
    memcpy(&t->value[d->word_count], d->place, place_bytes);
    place.set[(*place.next_way)++ % RG_TRACE_WAYS] =
        (struct rg_trace_ref){position, place.tag, sample(t), layout_of(t)};
    *place.expected = position;
}

uint16_t rg_capture_site(const uintptr_t *pcs, size_t count) {
    uint64_t h = 0;
    for (size_t i = 0; i < count && i < RG_SITE_FRAMES; i++) {
        h = (h ^ pcs[i]) * 0x9e3779b97f4a7c15UL;
        h ^= h >> 32;
    }
    return (uint16_t)(h % RG_SITES);
}

static const struct rg_walk_trail *walk(struct rg_capture *c, const struct rg_caller *caller) {
    unsigned wanted = rg_walk_wanted_rules(&c->walker);
    if (wanted) {
        struct rg_quick_rule *room = rg_arena_alloc(wanted * sizeof *room);
        rg_walk_give_room(&c->walker, room, wanted);
    }
    return rg_walk_trail(&c->walker, caller, c->depth ? c->depth : RG_STACK_DEPTH_MAX);
}

static struct rg_captured put(struct rg_capture *c, const struct rg_walk_trail *trail) {
    uint32_t epoch = rg_modules_epoch_of(trail->pc, trail->count);
    return (struct rg_captured){
        .id = rg_depot_put_cached(&c->depot_cache, trail->pc, trail->count, epoch),
        .site = rg_capture_site(trail->pc, trail->count),
    };
}

static RG_COLD void forget(struct rg_capture *c) {
    drop_traces(c);
    c->unloads = rg_walk_unloads();
}

// The position of the trace of the caller that holds, or 0. Where many have the same layout, words are read once to tell
// which it may be.
RG_INLINE uint32_t find_trace(const struct rg_capture *c, const struct rg_caller *caller,
                              struct place place) {
    bool is_sampled = false;
    uint16_t layout = 0;
    uint8_t now = 0;
    for (unsigned i = 0; i < RG_TRACE_WAYS; i++) {
        const struct rg_trace_ref ref = place.set[i];
        bool differs = is_sampled && ref.layout == layout && ref.sample != now;
        if (ref.tag != place.tag || differs || !rg_trace_is_there(c, ref.position)) {
            continue;
        }
        const struct rg_trace *t = rg_trace_at(c, ref.position);
        if (!rg_trace_is_of(t, caller)) {
            continue;
        }
        if (!is_sampled) {
            is_sampled = true;
            layout = ref.layout;
            now = sample(t);
            if (ref.sample != now) {
                continue;
            }
        }
        if (rg_trace_holds_near(t) && (rg_trace_is_near(t) || holds_far(t, &c->walker))) {
            return ref.position;
        }
    }
    return 0;
}

struct rg_captured rg_capture_unexpected(struct rg_capture *c, uintptr_t pc, uintptr_t sp,
                                         uintptr_t bp) {
    const struct rg_caller at = {pc, sp, bp}, *caller = &at;
    if (rg_unlikely(!rg_capture_is_current(c))) {
        forget(c);
    }
    // Coroutines take turns: what is remembered of this stack counts.
    rg_walk_check_stack(&c->walker, caller->sp);
    struct place place = place_of(c, caller);
    uint32_t position = find_trace(c, caller, place);
    if (position) {
        *place.expected = position;
        return rg_capture_note(c, rg_trace_at(c, position)->captured);
    }
    const struct rg_walk_trail *trail = walk(c, caller);
    const uint32_t known = rg_depot_last_id();
    struct rg_captured captured = put(c, trail);
    // Many stacks of a program that has many come once and never again.
    if (captured.id.v <= known) {
        remember(c, place, caller, trail, captured);
    }
    return rg_capture_note(c, captured);
}

static RG_NOINLINE struct rg_captured capture_farther(struct rg_capture *c,
                                                      const struct rg_trace *t, uintptr_t bp) {
    if (rg_unlikely(!holds_far(t, &c->walker))) {
        return rg_capture_unexpected(c, t->pc, t->sp, bp);
    }
    return rg_capture_note(c, t->captured);
}

// Nearly always there are two groups. Every call here is the last thing that is done, so that case has no registers to
// save.
struct rg_captured rg_capture_far(struct rg_capture *c, const struct rg_trace *t, uintptr_t bp) {
    const uint16_t *at = rg_trace_places(t) + t->near_count;
    const size_t count = *at;
    if (rg_unlikely(!may_hold_far(t, &c->walker) || t->near_count == 0 ||
                    t->near_count + count != t->word_count)) {
        return capture_farther(c, t, bp);
    }
    if (rg_unlikely(!rg_trace_group_holds(t->sp, &t->value[t->near_count], at + 1, count))) {
        return rg_capture_unexpected(c, t->pc, t->sp, bp);
    }
    return rg_capture_note(c, t->captured);
}
