// SPDX-License-Identifier: MIT
// The tree of callers of a trace: what each function has allocated together with those it calls, for a flame graph.
// What calls main is left out.
#ifndef RG_TOOLS_TRACE_HTML_TREE_H
#define RG_TOOLS_TRACE_HTML_TREE_H

#include "number_map.h"
#include "trace_model.h"
#include "trace_names.h"

#include <stdbool.h>

enum rg_trace_measure {
    RG_TRACE_BYTES,
    RG_TRACE_CALLS,
    RG_TRACE_AT_PEAK,
    RG_TRACE_LIVE,
    RG_TRACE_TEMPORARY,
    RG_TRACE_MEASURES
};

struct rg_trace_node {
    const struct rg_trace_name *name; // NULL: the root, or what is left out
    struct rg_trace_node *parent, *child, *next;
    uint64_t values[RG_TRACE_MEASURES]; // with those below
    uint32_t number;                    // of the root: 0
    uint32_t function;                  // number of the name, from 1; 0: none
    uint32_t depth;                     // of the root: 0
    double share;                       // the largest of its shares of the values of the root
};

struct rg_trace_function {
    const struct rg_trace_name *name; // of one of its lines
};

struct rg_trace_tree {
    struct rg_trace_node *root;
    struct rg_trace_function *functions; // number 1 at [0]
    uint32_t function_count;
    uint32_t node_count; // but for the root
    double threshold;    // of shares; nodes below are left out
    struct rg_number_map nodes, numbers;
};

// reader, names and model must stay as long as this.
void rg_trace_tree_make(struct rg_trace_tree *t, const struct rg_trace_reader *reader,
                        struct rg_trace_names *names, const struct rg_trace_model *model);
void rg_trace_tree_done(struct rg_trace_tree *t);

// The node behind n among those that are not left out, parents first; NULL: n is the last one.
const struct rg_trace_node *rg_trace_tree_next(const struct rg_trace_tree *t,
                                               const struct rg_trace_node *n);

// What is left out below the node. False: too little to be shown.
bool rg_trace_tree_rest(const struct rg_trace_tree *t, const struct rg_trace_node *n,
                        uint64_t ret_values[RG_TRACE_MEASURES]);

#endif
