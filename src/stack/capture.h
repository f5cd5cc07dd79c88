// SPDX-License-Identifier: MIT
// The stack of a call as an id: the walk, the depot, and a per-thread memory of whole stacks in front
// of both. A walk is a function of where it starts and of the words of the stack that it reads, so a
// stack seen before is recognised by reading those words again, without unwinding. As rg_walk it takes
// no lock for a stack that is known, and never faults; a new one takes the DEPOT lock.
#ifndef RG_STACK_CAPTURE_H
#define RG_STACK_CAPTURE_H

#include "stack/depot.h"
#include "stack/walk.h"

enum {
    RG_TRACE_COUNT = 128, // stacks remembered, a power of two
    RG_TRACE_WORDS = 40,  // longer ones are walked each time
};

// A remembered stack. Invariant: while every word holds its value, the walk from (pc, sp, bp) gives the
// stack `id`.
struct rg_trace {
    uintptr_t pc, sp;
    uintptr_t bp;     // matters if uses_bp
    uintptr_t extent; // all words lie in [sp, sp + extent)
    uint32_t id;      // 0: free
    uint32_t epoch;
    unsigned unloads;
    uint16_t word_count;
    bool uses_bp;
    uint32_t at[RG_TRACE_WORDS]; // offset from sp, in bytes
    uintptr_t value[RG_TRACE_WORDS];
};

// A thread's state; zero-filled is empty.
struct rg_capture {
    struct rg_walker walker;
    struct rg_depot_cache depot_cache;
    struct rg_trace trace[RG_TRACE_COUNT];
    // Room for the walk at hand, which must not be on a stack that may be small.
    uintptr_t pcs[RG_STACK_DEPTH_MAX];
    struct rg_walk_trail trail;
};

// The id of the caller's stack, cut at `depth` frames.
struct rg_stack_id rg_capture_stack(struct rg_capture *c, const struct rg_caller *caller,
                                    size_t depth);

#endif
