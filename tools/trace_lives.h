// SPDX-License-Identifier: MIT
// The lives of single blocks of a trace, from the allocation through realloc to the end. The trace is read twice: to find
// them, and to take their steps. For one thread.
#ifndef RG_TOOLS_TRACE_LIVES_H
#define RG_TOOLS_TRACE_LIVES_H

#include "trace_filter.h"

// A block is wanted where all that is asked for fits.
struct rg_trace_lives_wanted {
    bool has_address, has_at, is_live, is_longest;
    uint64_t
        address; // it had it at some time, if only in its middle; at at_ns, where that is asked for too
    uint64_t at_ns; // it lived then
    // By a function of the stack that allocated it, or that called realloc for it.
    struct rg_trace_pattern site;
    uint64_t
        count; // no more than so many: the first, or with is_longest those that realloc was called most for
};

enum { RG_TRACE_LIFE_FIRST = 30, RG_TRACE_LIFE_LAST = 10 };

struct rg_trace_step {
    struct rg_trace_event event;
    uint32_t thread;
    uint64_t size_before; // known from the block
};

struct rg_trace_life {
    uint64_t number; // of the block
    uint64_t reallocs;
    size_t step_count;
    // The first steps, and of those that follow the last ones, at their number modulo.
    struct rg_trace_step first[RG_TRACE_LIFE_FIRST], last[RG_TRACE_LIFE_LAST];
};

struct rg_trace_lives {
    struct rg_trace_life **lives;
    size_t count;
    uint64_t found; // in all
};

// Reads the trace. To be ended by rg_trace_lives_done.
void rg_trace_lives_read(struct rg_trace_lives *l, const struct rg_trace_session *s,
                         struct rg_trace_lives_wanted *w);
void rg_trace_lives_done(struct rg_trace_lives *l);

// Step i, or NULL where it was in the middle of a long life.
const struct rg_trace_step *rg_trace_life_step(const struct rg_trace_life *l, size_t i);

#endif
