// SPDX-License-Identifier: MIT
// The upper lines of a frame: which process, its totals, and the graph.
#ifndef RG_TOOLS_TOP_HEAD_H
#define RG_TOOLS_TOP_HEAD_H

#include "top_frame.h"

// graph_rows: how high the graph is.
void rg_top_head_put(const struct rg_top_frame *f, size_t graph_rows, struct rg_top_lines *ret);

// "running", "ended with exit status 1", "killed by SIGSEGV". To be freed.
char *rg_top_head_state(const struct rg_top_frame *f, const struct rg_top_member *m);

#endif
