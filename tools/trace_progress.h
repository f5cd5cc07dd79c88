// SPDX-License-Identifier: MIT
// How far the reading of a trace is: a line on standard error that is written again and again, if that is a terminal and
// it takes more than a second.
#ifndef RG_TOOLS_TRACE_PROGRESS_H
#define RG_TOOLS_TRACE_PROGRESS_H

#include "trace_reader.h"

#include <time.h>

// After as many events it is time for a step.
enum { RG_TRACE_PROGRESS_EVENTS = 1 << 17 };

struct rg_trace_progress {
    bool is_wanted, is_shown;
    struct timespec said;
};

void rg_trace_progress_begin(struct rg_trace_progress *p, bool is_wanted);
void rg_trace_progress_step(struct rg_trace_progress *p, const struct rg_trace_reader *r);
void rg_trace_progress_end(struct rg_trace_progress *p);

#endif
