// SPDX-License-Identifier: MIT
// See capture.h. No state of its own.
#include "stack/capture.h"

#include "base/vmem.h"
#include "stack/modules.h"

#include <emmintrin.h>
#include <string.h>

// Whether the trace is of this caller, and its words may be looked at: only where the walker has found the stack to
// be readable.
RG_INLINE bool is_of(const struct rg_trace *t, const struct rg_caller *caller,
                     const struct rg_walker *w) {
    return t->pc == caller->pc && t->sp == caller->sp && caller->sp >= w->readable_from &&
           caller->sp + t->extent <= w->readable_to && (!t->uses_bp || t->bp == caller->bp);
}

RG_INLINE const uint16_t *places_of(const struct rg_trace *t) {
    return (const uint16_t *)&t->value[t->word_count];
}

// Whether the words in the page of sp are unchanged. All are compared, whatever the first ones say, and two at a
// time: a branch for each would take longer.
RG_INLINE bool holds_near(const struct rg_trace *t) {
    const double *stack = (const double *)t->sp;
    const uint16_t *at = places_of(t);
    __m128i differs = _mm_setzero_si128();
    for (size_t i = 0; i < t->near_count; i += 2) {
        __m128d now = _mm_loadh_pd(_mm_load_sd(&stack[at[i]]), &stack[at[i + 1]]);
        __m128i value = _mm_load_si128((const __m128i *)&t->value[i]);
        differs = _mm_or_si128(differs, _mm_xor_si128(_mm_castpd_si128(now), value));
    }
    return _mm_movemask_epi8(_mm_cmpeq_epi8(differs, _mm_setzero_si128())) == UINT16_MAX;
}

// The same of the others. Another, smaller stack may be at the same place by now, and what was behind it be gone: so
// each is looked at only if all before it are as they were, and a walk would read it too.
static RG_NOINLINE bool holds_far(const struct rg_trace *t) {
    const uintptr_t *stack = (const uintptr_t *)t->sp;
    const uint16_t *at = places_of(t);
    size_t i = t->near_count;
    while (i < t->word_count && stack[at[i]] == t->value[i]) {
        i++;
    }
    return i == t->word_count;
}

RG_INLINE bool holds(const struct rg_trace *t) {
    return holds_near(t) && (t->near_count == t->word_count || holds_far(t));
}

// Whether it may hold. Most that are of the same caller and do not hold begin with another word.
RG_INLINE bool begins_alike(const struct rg_trace *t) {
    const uintptr_t *stack = (const uintptr_t *)t->sp;
    const uint16_t *at = places_of(t);
    return t->word_count == 0 || (stack[at[0]] == t->value[0] && stack[at[1]] == t->value[1]);
}

// The trace at a position, or NULL where it has been overwritten.
RG_INLINE const struct rg_trace *get_trace(const struct rg_capture *c, uint64_t position) {
    bool is_there = position != 0 && c->written - position <= RG_TRACE_RING;
    return is_there ? (const struct rg_trace *)&c->ring[position % RG_TRACE_RING] : NULL;
}

static RG_COLD void drop_traces(struct rg_capture *c) {
    memset(c->ref, 0, sizeof c->ref);
    memset(c->expected, 0, sizeof c->expected);
    c->last = 0;
}

// Room for a trace of `bytes`, in one piece: what would not fit before the ring's end starts at its
// beginning.
static struct rg_trace *make_room(struct rg_capture *c, size_t bytes, uint64_t *ret_position) {
    bytes = (bytes + 15) & ~(size_t)15;
    uint64_t position = c->written ? c->written : 16;
    if (position % RG_TRACE_RING + bytes > RG_TRACE_RING) {
        position += RG_TRACE_RING - position % RG_TRACE_RING;
    }
    if (rg_unlikely(position + bytes >= RG_TRACE_POSITIONS)) {
        drop_traces(c);
        position = 16;
    }
    c->written = position + bytes;
    *ret_position = position;
    return (struct rg_trace *)&c->ring[position % RG_TRACE_RING];
}

// What leads to traces of a caller.
struct place {
    uint64_t *expected;
    struct rg_trace_ref *set;
    uint16_t tag;
};

RG_INLINE uintptr_t mix(uintptr_t word) {
    return word * 0x9e3779b97f4a7c15UL;
}

RG_INLINE uint64_t *expected_of(struct rg_capture *c, const struct rg_caller *caller) {
    uintptr_t mixed = mix(caller->pc ^ caller->sp << 20 ^ c->last << 8);
    return &c->expected[mixed >> 52 & (RG_TRACE_EXPECTED - 1)];
}

static struct place place_of(struct rg_capture *c, const struct rg_caller *caller) {
    uintptr_t mixed = mix(caller->pc ^ caller->sp << 20);
    return (struct place){
        .expected = expected_of(c, caller),
        .set = c->ref[mixed >> 54 & (RG_TRACE_SETS - 1)],
        .tag = (uint16_t)(mixed >> 40),
    };
}

// The reference to be replaced: one that leads nowhere, or the oldest.
static struct rg_trace_ref *oldest(struct rg_capture *c, struct rg_trace_ref *set) {
    struct rg_trace_ref *found = &set[0];
    for (unsigned i = 1; i < RG_TRACE_WAYS && get_trace(c, found->position); i++) {
        if (set[i].position < found->position) {
            found = &set[i];
        }
    }
    return found;
}

// Writes the words down. False: one is too far away, or below sp, where unusual unwind tables may lead.
static bool copy_words(struct rg_trace *t, const struct rg_walk_word *word) {
    uintptr_t most = 0, in_page = RG_PAGE_SIZE - t->sp % RG_PAGE_SIZE;
    size_t near = 0;
    uint16_t *at = (uint16_t *)&t->value[t->word_count];
    for (size_t i = 0; i < t->word_count; i++) {
        uintptr_t offset = word[i].at - t->sp;
        t->value[i] = word[i].value;
        at[i] = (uint16_t)(offset / sizeof(uintptr_t));
        most = offset > most ? offset : most;
        near += near == i && offset < in_page;
    }
    t->near_count = (uint16_t)(near & ~(size_t)1);
    t->extent = (uint32_t)(most + sizeof(uintptr_t));
    return most <= UINT16_MAX * sizeof(uintptr_t);
}

static void remember(struct rg_capture *c, struct place place, const struct rg_caller *caller,
                     struct rg_captured captured) {
    struct rg_walk_trail *trail = &c->trail;
    size_t n = trail->word_count;
    if (!trail->is_exact || caller->sp % sizeof(uintptr_t) != 0 || captured.id.v == 0) {
        return;
    }
    _Static_assert(RG_WALK_WORDS_MAX % 2 == 0, "there is room for one more than an odd number");
    if (n % 2 == 1) {
        trail->word[n] = trail->word[n - 1];
        n++;
    }
    uint64_t position;
    struct rg_trace *t =
        make_room(c, sizeof *t + n * (sizeof(uintptr_t) + sizeof(uint16_t)), &position);
    *t = (struct rg_trace){.pc = caller->pc,
                           .sp = caller->sp,
                           .bp = caller->bp,
                           .captured = captured,
                           .word_count = (uint16_t)n,
                           .uses_bp = trail->uses_bp};
    if (copy_words(t, trail->word)) {
        *oldest(c, place.set) = (struct rg_trace_ref){.position = position, .tag = place.tag};
        *place.expected = c->last = position;
    }
}

uint16_t rg_capture_site(const uintptr_t *pcs, size_t count) {
    uint64_t h = 0;
    for (size_t i = 0; i < count && i < RG_SITE_FRAMES; i++) {
        h = (h ^ pcs[i]) * 0x9e3779b97f4a7c15UL;
        h ^= h >> 32;
    }
    return (uint16_t)(h % RG_SITES);
}

static struct rg_captured capture_new(struct rg_capture *c, const struct rg_caller *caller,
                                      size_t depth) {
    size_t n = rg_walk_trail(&c->walker, caller, c->pcs, depth, &c->trail);
    uint32_t epoch = rg_modules_epoch_of(c->pcs, n);
    return (struct rg_captured){
        .id = rg_depot_put_cached(&c->depot_cache, c->pcs, n, epoch),
        .site = rg_capture_site(c->pcs, n),
    };
}

// Whether what is remembered is of the objects that are loaded now.
RG_INLINE bool is_current(const struct rg_capture *c) {
    return c->unloads == rg_walk_unloads() && c->epoch == rg_modules_epoch();
}

static RG_COLD void forget(struct rg_capture *c) {
    drop_traces(c);
    c->unloads = rg_walk_unloads();
    c->epoch = rg_modules_epoch();
}

static RG_NOINLINE struct rg_captured
capture_unexpected(struct rg_capture *c, const struct rg_caller *caller, size_t depth) {
    if (rg_unlikely(!is_current(c))) {
        forget(c);
    }
    // Coroutines take turns: what is remembered of this stack counts.
    rg_walk_check_stack(&c->walker, caller->sp);
    struct place place = place_of(c, caller);
    for (unsigned i = 0; i < RG_TRACE_WAYS; i++) {
        uint64_t position = place.set[i].position;
        const struct rg_trace *t = place.set[i].tag == place.tag ? get_trace(c, position) : NULL;
        if (t && is_of(t, caller, &c->walker) && begins_alike(t) && holds(t)) {
            *place.expected = c->last = position;
            return t->captured;
        }
    }
    struct rg_captured captured = capture_new(c, caller, depth);
    remember(c, place, caller, captured);
    return captured;
}

struct rg_captured rg_capture_stack(struct rg_capture *c, const struct rg_caller *caller,
                                    size_t depth) {
    uint64_t position = *expected_of(c, caller);
    const struct rg_trace *t = get_trace(c, position);
    if (rg_likely(t && is_current(c) && is_of(t, caller, &c->walker) && holds(t))) {
        c->last = position;
        return t->captured;
    }
    return capture_unexpected(c, caller, depth);
}
