// SPDX-License-Identifier: MIT
// A row for each of several traces, and what they add up to: what the processes of one run did. For one thread.
#ifndef RG_TOOLS_TRACE_TABLE_H
#define RG_TOOLS_TRACE_TABLE_H

#include "trace_model.h"

#include <stdio.h>

struct rg_trace_row {
    uint32_t pid;
    uint64_t begin_ns, duration_ns; // begin: as realtime_ns
    uint64_t allocations, bytes, peak_bytes, live_bytes, reallocs, moved;
    char *command; // or the program
};

struct rg_trace_table {
    struct rg_trace_row *rows;
    size_t count;
};

// Adds a trace, all of which the model has read.
void rg_trace_table_add(struct rg_trace_table *t, const struct rg_trace_reader *r,
                        const struct rg_trace_model *m);

// In the order in which the processes began.
void rg_trace_table_text(FILE *out, struct rg_trace_table *t);
void rg_trace_table_done(struct rg_trace_table *t);

#endif
