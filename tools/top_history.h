// SPDX-License-Identifier: MIT
// What a trace had added up to in each of the last seconds, so that growth and rates can be told. For one thread.
#ifndef RG_TOOLS_TOP_HISTORY_H
#define RG_TOOLS_TOP_HISTORY_H

#include "top_curve.h"
#include "trace_model.h"

enum {
    RG_TOP_GROWTH_SECONDS = 10,
    // One a second; the oldest is older than that.
    RG_TOP_SAMPLES = RG_TOP_GROWTH_SECONDS + 2,
};

struct rg_top_counts {
    uint64_t live_bytes, allocations, reallocs;
};

struct rg_top_sample {
    uint64_t ns;
    struct rg_top_counts all;
    uint64_t frees, moved;        // of all
    struct rg_top_counts *stacks; // by id
    size_t stack_count;
};

// Zero-filled it is empty.
struct rg_top_history {
    struct rg_top_sample ring[RG_TOP_SAMPLES];
    size_t count;     // ever taken
    uint64_t next_ns; // when the next one is due
    struct rg_top_curve curve;
};

// Takes the sample that is due, if one is, before anything later than ns is added to the model.
void rg_top_history_reach(struct rg_top_history *h, const struct rg_trace_model *m,
                          const struct rg_trace_reader *r, uint64_t ns);

// The youngest sample that is at least so old, else the oldest one there is; NULL: it is not that old, and all began
// at zero.
const struct rg_top_sample *rg_top_history_before(const struct rg_top_history *h, uint64_t now_ns,
                                                  uint64_t age_ns);

// Of one stack in a sample, which may be NULL.
struct rg_top_counts rg_top_sample_stack(const struct rg_top_sample *s, uint32_t stack);

void rg_top_history_done(struct rg_top_history *h);

#endif
