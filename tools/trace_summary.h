// SPDX-License-Identifier: MIT
// What a trace adds up to, as text for a person and as JSON.
#ifndef RG_TOOLS_TRACE_SUMMARY_H
#define RG_TOOLS_TRACE_SUMMARY_H

#include "json_writer.h"
#include "trace_model.h"
#include "trace_names.h"
#include "trace_sites.h"

#include <stdio.h>

struct rg_trace_summary {
    struct rg_trace_reader *reader;
    struct rg_trace_model *model;
    struct rg_trace_sites sites;
    uint64_t allocations_by[RG_TRACE_HOWS];
    uint64_t frees_by[RG_TRACE_HOWS];
    uint64_t zero_sized; // allocations
    uint64_t largest;
    uint64_t events;
};

// Reads the whole trace into the model, which is empty. To be ended by rg_trace_summary_done.
void rg_trace_summary_read(struct rg_trace_summary *s, struct rg_trace_reader *r,
                           struct rg_trace_model *m, struct rg_trace_names *n);
void rg_trace_summary_done(struct rg_trace_summary *s);

// count: how many sites to name.
void rg_trace_summary_text(FILE *out, struct rg_trace_summary *s, uint64_t count);

// An object of a list.
void rg_trace_summary_json(struct rg_writer *w, struct rg_trace_summary *s, const char *path,
                           uint64_t count);

#endif
