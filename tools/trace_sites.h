// SPDX-License-Identifier: MIT
// The figures of a trace added up by what allocated: by stack, by call site, or by module.
#ifndef RG_TOOLS_TRACE_SITES_H
#define RG_TOOLS_TRACE_SITES_H

#include "trace_model.h"
#include "trace_names.h"

enum rg_trace_group { RG_TRACE_BY_STACK, RG_TRACE_BY_SITE, RG_TRACE_BY_MODULE };

struct rg_trace_site {
    // Those of its stacks added up; so peak_blocks and peak_bytes are no more than an upper bound of several.
    struct rg_trace_figures figures;
    const struct rg_trace_name *name; // of the site of one of its stacks; NULL: none is known
    char *label;                      // for people: rg_trace_name_text, or the module
    uint32_t stack;                   // the one that allocated most bytes
    size_t stack_count;
};

struct rg_trace_sites {
    struct rg_trace_site *sites;
    size_t count;
};

// Those that have allocated, or failed to. To be ended by rg_trace_sites_done.
struct rg_trace_sites rg_trace_sites_make(const struct rg_trace_model *m, struct rg_trace_names *n,
                                          enum rg_trace_group group);
void rg_trace_sites_done(struct rg_trace_sites *s);

// Sorts by the measure, the highest first; those that are equal by label.
void rg_trace_sites_sort(struct rg_trace_sites *s,
                         uint64_t (*measure)(const struct rg_trace_figures *f));

#endif
