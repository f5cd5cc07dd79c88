// SPDX-License-Identifier: MIT
// Live memory and calls over time, of a trace that is read once and whose length is not known before: rows of equal time,
// of which two become one whenever there are too many. For one thread.
#ifndef RG_TOOLS_TRACE_TIMELINE_H
#define RG_TOOLS_TRACE_TIMELINE_H

#include "trace_model.h"

enum { RG_TRACE_TIMELINE_MOST = 16384 };

struct rg_trace_moment {
    bool is_used;                     // there was a call
    uint64_t most_bytes;              // at most within it
    uint64_t live_bytes, live_blocks; // when it ends
    uint64_t allocations, frees;      // calls within it
};

struct rg_trace_timeline {
    const struct rg_trace_reader *reader;
    const struct rg_trace_model *model;
    uint64_t width_ns;               // of each
    size_t last;                     // the highest that was used
    struct rg_trace_moment *moments; // RG_TRACE_TIMELINE_MOST of them
};

void rg_trace_timeline_begin(struct rg_trace_timeline *t, const struct rg_trace_reader *r,
                             const struct rg_trace_model *m);
void rg_trace_timeline_done(struct rg_trace_timeline *t);

// A rg_trace_event_fn; arg is the struct rg_trace_timeline.
void rg_trace_timeline_event(void *arg, const struct rg_trace_event *e, uint32_t thread,
                             const struct rg_trace_block *before,
                             const struct rg_trace_block *after);

// The time from the start to `until` in as many rows of equal time, which are written to ret.
void rg_trace_timeline_rows(const struct rg_trace_timeline *t, uint64_t until_ns, size_t rows,
                            struct rg_trace_moment *ret);

#endif
