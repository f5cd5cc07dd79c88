// SPDX-License-Identifier: MIT
// The stack of a call as an id: the walk, the depot, and a per-thread memory of whole stacks in front
// of both. A walk is a function of where it starts and of the words of the stack that it reads, so a
// stack seen before is recognised by reading those words again, without unwinding. As rg_walk it never
// faults. For a stack that it remembers it takes no lock; for a new one the DEPOT lock, and now and then
// the ARENA lock for more room.
#ifndef RG_STACK_CAPTURE_H
#define RG_STACK_CAPTURE_H

#include "stack/depot.h"
#include "stack/walk.h"

#include <emmintrin.h>
#include <string.h>

enum {
    RG_TRACE_SETS = 512, // a power of two
    RG_TRACE_WAYS = 16,
    RG_TRACE_EXPECTED = 1 << 14,
    RG_TRACE_UNIT = 16, // bytes
    RG_TRACE_SAMPLES = 8,
    // Of the ring, in units, powers of two: at first, and from the time on when that does not do and the program has
    // many stacks.
    RG_TRACE_RING_FIRST = 1 << 14,
    RG_TRACE_RING_MOST = 1 << 17,
};

// Where the program is, more coarsely than its whole stack: a hash of the innermost frames, of which
// several are needed since many programs wrap malloc and realloc.
enum { RG_SITE_FRAMES = 3, RG_SITES = 1 << 14 };
uint16_t rg_capture_site(const uintptr_t *pcs, size_t count);

struct rg_captured {
    union {
        struct {
            struct rg_stack_id id;
            uint16_t zero; // where struct rg_origin has the thread
            uint16_t site; // below RG_SITES
        };
        uint64_t word; // all of it
    };
};

_Static_assert(sizeof(struct rg_captured) == sizeof(uint64_t), "`word` is all of it");

// A remembered stack. Invariant: while every word holds its value, the walk from (pc, sp, bp) gives the
// stack `captured`. The values come in the order in which the walk reads them, in groups of those that follow
// each other in one page, an even number in each; the first group is that in the page of the word below sp, and may be
// empty. They are followed by where they stand: 16 bits for each, in words from sp; those of each further group come
// after a number that says how many they are.
struct rg_trace {
    uintptr_t pc, sp;
    uintptr_t bp;    // matters if uses_bp
    uint32_t extent; // all words lie in [sp, sp + extent)
    uint16_t word_count;
    uint16_t near_count; // of the first group
    bool uses_bp;
    struct rg_captured captured;
    _Alignas(16) uintptr_t value[];
};

// What is known of a trace before it is written. Each frame has two words at most, and each may be a group.
enum { RG_TRACE_WORDS_MAX = 2 * 2 * RG_STACK_DEPTH_MAX };
struct rg_trace_draft {
    size_t word_count, near_count, place_count;
    uintptr_t extent;
    uintptr_t value[RG_TRACE_WORDS_MAX];
    uint16_t place[RG_TRACE_WORDS_MAX / 2 * 3];
};

// Where a trace is: its position in all that was written into the ring, in units, and what tells it from most others
// before it is looked at: of its caller, of its words, and of where they stand. Position 0 is none: the first one that is
// written to is RG_TRACE_RING_MOST, by which a ring has gone round. When positions are used up, all is forgotten.
struct rg_trace_ref {
    uint32_t position;
    uint8_t tag, sample;
    uint16_t layout;
};
#define RG_TRACE_POSITIONS (UINT32_MAX - 2U * RG_TRACE_RING_MOST)

// A thread's state; zero-filled is empty.
struct rg_capture {
    // What every capture looks at, at the end of this and right after it, shares a line.
    _Alignas(64) struct rg_walker walker;
    unsigned unloads; // when the traces were made
    uint32_t depth;   // frames kept of a stack; 0: RG_STACK_DEPTH_MAX. Not to be changed.
    // Traces are written one after the other, over the oldest, and found through sets of references. The ring is in
    // the metadata arena, and NULL before the first is written.
    char *ring;
    uint32_t ring_size; // units
    uint32_t written;   // where the next one begins, below RG_TRACE_POSITIONS; 0 before the first
    uint32_t last;      // id of the stack captured last
    // By caller and by `last`: which trace it was when both were the same the last time. Programs mostly do things
    // in the order in which they did them before.
    uint32_t expected[RG_TRACE_EXPECTED];
    _Alignas(64) struct rg_trace_ref ref[RG_TRACE_SETS][RG_TRACE_WAYS];
    uint8_t next_way[RG_TRACE_SETS]; // the one that is to be replaced next, modulo RG_TRACE_WAYS
    struct rg_depot_cache depot_cache;
    struct rg_trace_draft draft; // here, since the stack may be small
};

// The rest of rg_capture_stack: for a stack that was not expected, and for a trace that was and holds in the first page.
// The caller comes in registers, so that it need not be in memory where neither is called.
struct rg_captured rg_capture_unexpected(struct rg_capture *c, uintptr_t pc, uintptr_t sp,
                                         uintptr_t bp);
struct rg_captured rg_capture_far(struct rg_capture *c, const struct rg_trace *expected,
                                  uintptr_t bp);

RG_INLINE bool rg_trace_is_of(const struct rg_trace *t, const struct rg_caller *caller) {
    return t->pc == caller->pc && t->sp == caller->sp && (!t->uses_bp || t->bp == caller->bp);
}

RG_INLINE const uint16_t *rg_trace_places(const struct rg_trace *t) {
    return (const uint16_t *)&t->value[t->word_count];
}

// All bits of two words that are not what they were. at: where they stand.
RG_INLINE __m128i rg_trace_pair_difference(uintptr_t sp, const uintptr_t *values,
                                           const uint16_t *at) {
    typedef double __attribute__((may_alias)) word;
    const word *stack = (const word *)sp;
    __m128d now = _mm_loadh_pd(_mm_load_sd(&stack[at[0]]), &stack[at[1]]);
    return _mm_xor_si128(_mm_castpd_si128(now), _mm_load_si128((const __m128i *)values));
}

RG_INLINE bool rg_trace_is_zero(__m128i bits) {
    return _mm_movemask_epi8(_mm_cmpeq_epi8(bits, _mm_setzero_si128())) == UINT16_MAX;
}

// Whether the words of a group are unchanged. All are compared, whatever the first ones say, and four at a time: a
// branch for each would take longer.
RG_INLINE bool rg_trace_group_holds(uintptr_t sp, const uintptr_t *values, const uint16_t *at,
                                    size_t count) {
    __m128i differs = _mm_setzero_si128();
    size_t i = count & 2;
    if (i) {
        differs = rg_trace_pair_difference(sp, values, at);
    }
    for (; i < count; i += 4) {
        __m128i a = rg_trace_pair_difference(sp, &values[i], &at[i]);
        __m128i b = rg_trace_pair_difference(sp, &values[i + 2], &at[i + 2]);
        differs = _mm_or_si128(differs, _mm_or_si128(a, b));
    }
    return rg_trace_is_zero(differs);
}

// The same of those in the first page, which is there: the return address was in it.
RG_INLINE bool rg_trace_holds_near(const struct rg_trace *t) {
    return rg_trace_group_holds(t->sp, t->value, rg_trace_places(t), t->near_count);
}

RG_INLINE bool rg_trace_is_near(const struct rg_trace *t) {
    return t->near_count == t->word_count;
}

RG_INLINE struct rg_trace *rg_trace_at(const struct rg_capture *c, uint32_t position) {
    return (struct rg_trace *)&c->ring[(size_t)(position & (c->ring_size - 1)) * RG_TRACE_UNIT];
}

// Whether there is a trace at a position, which may have been overwritten.
RG_INLINE bool rg_trace_is_there(const struct rg_capture *c, uint32_t position) {
    return c->written - position < c->ring_size;
}

RG_INLINE uintptr_t rg_trace_mix(uintptr_t word) {
    return word * 0x9e3779b97f4a7c15UL;
}

RG_INLINE uint32_t *rg_trace_expected(struct rg_capture *c, const struct rg_caller *caller) {
    uintptr_t mixed = rg_trace_mix(caller->pc ^ caller->sp << 20 ^ (uintptr_t)c->last << 12);
    return &c->expected[mixed >> 50 & (RG_TRACE_EXPECTED - 1)];
}

// Whether what is remembered is of the objects that are loaded now. An epoch ends with an unload, too.
RG_INLINE bool rg_capture_is_current(const struct rg_capture *c) {
    return c->unloads == rg_walk_unloads();
}

RG_INLINE struct rg_captured rg_capture_note(struct rg_capture *c, struct rg_captured captured) {
    c->last = captured.id.v;
    return captured;
}

// The caller's stack, cut at c->depth frames. Nearly always it is the one that was expected, so that much is inline.
RG_INLINE struct rg_captured rg_capture_stack(struct rg_capture *c, struct rg_caller caller) {
    const uint32_t position = *rg_trace_expected(c, &caller);
    if (rg_unlikely(!rg_capture_is_current(c) || !rg_trace_is_there(c, position))) {
        return rg_capture_unexpected(c, caller.pc, caller.sp, caller.bp);
    }
    const struct rg_trace *t = rg_trace_at(c, position);
    if (rg_unlikely(!rg_trace_is_of(t, &caller) || !rg_trace_holds_near(t))) {
        return rg_capture_unexpected(c, caller.pc, caller.sp, caller.bp);
    }
    if (!rg_trace_is_near(t)) {
        return rg_capture_far(c, t, caller.bp);
    }
    return rg_capture_note(c, t->captured);
}

#endif
