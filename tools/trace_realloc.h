// SPDX-License-Identifier: MIT
// What realloc does with blocks at each call site: whether they move, and how they grow. A ladder is the sizes that one
// block has had, from its allocation on. Memory grows with live blocks that realloc was called for, and with call sites.
// For one thread.
#ifndef RG_TOOLS_TRACE_REALLOC_H
#define RG_TOOLS_TRACE_REALLOC_H

#include "trace_model.h"
#include "trace_names.h"

enum { RG_TRACE_LADDER_FIRST = 8, RG_TRACE_LADDER_LAST = 3 };

struct rg_trace_ladder {
    uint64_t steps;                        // calls of realloc, one less than sizes
    uint64_t first[RG_TRACE_LADDER_FIRST]; // as many as there are
    uint64_t last
        [RG_TRACE_LADDER_LAST]; // the latest one last; those that are in first are no different here
};

enum rg_trace_growth {
    RG_TRACE_GROWS_NEVER,     // it shrinks, or keeps its size
    RG_TRACE_GROWS_ONCE,      // hardly any block more than once: there is no pattern
    RG_TRACE_GROWS_BY_STEP,   // mostly by the same number of bytes
    RG_TRACE_GROWS_BY_FACTOR, // mostly by the same factor
    RG_TRACE_GROWS_UNEVENLY,
};

struct rg_trace_realloc_site {
    const struct rg_trace_name *name; // NULL: not known
    char *label;                      // rg_trace_name_text
    uint32_t stack;                   // of most calls
    size_t stack_count;
    uint64_t calls, moved, forced, copied_bytes; // the calls that did not move stayed in place
    uint64_t grew, shrank;                       // calls; the others kept the size
    uint64_t grown_bytes;                        // by those that grew, in sum
    uint64_t blocks;  // distinct ones, that realloc was first called for here
    uint64_t largest; // size
    struct rg_trace_ladder longest;
    enum rg_trace_growth growth;
    uint64_t step;           // BY_STEP: bytes; UNEVENLY: on average
    double factor;           // BY_FACTOR
    uint64_t copied_at_most; // had each call that grew moved
    // What that would be, and how many calls, had the sizes been doubled from each block's first one on.
    uint64_t copied_if_doubled, calls_if_doubled;
};

struct rg_trace_reallocs;

struct rg_trace_reallocs *rg_trace_reallocs_open(void);
void rg_trace_reallocs_close(struct rg_trace_reallocs *a);

// A rg_trace_event_fn; arg is the struct rg_trace_reallocs.
void rg_trace_reallocs_event(void *arg, const struct rg_trace_event *e, uint32_t thread,
                             const struct rg_trace_block *before,
                             const struct rg_trace_block *after);

// The sites, those that copied most bytes first. To be called once, when all events were told; valid until it is closed.
const struct rg_trace_realloc_site *
rg_trace_reallocs_sites(struct rg_trace_reallocs *a, struct rg_trace_names *n, size_t *ret_count);

// Whether growing costs far more copying than it had to, so that it is worth a change.
bool rg_trace_realloc_is_costly(const struct rg_trace_realloc_site *s);

// How it grows and what to do about it, in a sentence or two. To be freed.
char *rg_trace_realloc_advice(const struct rg_trace_realloc_site *s);

// "16, 32, 48, ..., 4096". To be freed.
char *rg_trace_ladder_text(const struct rg_trace_ladder *l);

#endif
