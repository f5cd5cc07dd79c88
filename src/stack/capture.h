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
// before it is looked at: of its caller, of its words, and of where they stand. Position 0 is none: nothing is ever
// written there. When positions are used up, all is forgotten.
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
    // Traces are written one after the other, over the oldest, and found through sets of references. The ring is in
    // the metadata arena, and NULL before the first is written.
    char *ring;
    uint32_t ring_size; // units
    uint32_t written;   // units, below RG_TRACE_POSITIONS
    uint32_t last;      // id of the stack captured last
    // By caller and by `last`: which trace it was when both were the same the last time. Programs mostly do things
    // in the order in which they did them before.
    uint32_t expected[RG_TRACE_EXPECTED];
    _Alignas(64) struct rg_trace_ref ref[RG_TRACE_SETS][RG_TRACE_WAYS];
    uint8_t next_way[RG_TRACE_SETS]; // the one that is to be replaced next, modulo RG_TRACE_WAYS
    struct rg_depot_cache depot_cache;
    struct rg_trace_draft draft; // here, since the stack may be small
};

// The caller's stack, cut at `depth` frames.
struct rg_captured rg_capture_stack(struct rg_capture *c, const struct rg_caller *caller,
                                    size_t depth);

#endif
