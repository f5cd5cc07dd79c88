// SPDX-License-Identifier: MIT
// How far `realloc-guard failures` is: one line that is written anew on a terminal, else a line for each case.
#ifndef RG_TOOLS_FAILURES_PROGRESS_H
#define RG_TOOLS_FAILURES_PROGRESS_H

#include "failures_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct rg_progress {
    FILE *out;
    bool rewrites;
    size_t total, done;
};

// Rewrites where `out` is a terminal that can, and NO_COLOR is not set.
void rg_progress_begin(struct rg_progress *p, FILE *out);

// Shows what is being done, until the next line.
void rg_progress_say(struct rg_progress *p, const char *what);

// A case of these is over.
void rg_progress_step(struct rg_progress *p, const struct rg_case *cases, size_t count,
                      const struct rg_case *over);

// Leaves nothing of the rewritten line behind.
void rg_progress_end(struct rg_progress *p);

#endif
