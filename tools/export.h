// SPDX-License-Identifier: MIT
// A trace in the formats of other programs. Each reads the whole trace once and writes as it goes; what it holds grows
// with the live blocks and the distinct stacks, not with the events. Errors stay in the stream (ferror).
#ifndef RG_TOOLS_EXPORT_H
#define RG_TOOLS_EXPORT_H

#include "trace_model.h"
#include "trace_names.h"

#include <stdio.h>

struct rg_export {
    struct rg_trace_reader *reader;
    struct rg_trace_names *names;
    struct rg_trace_model *model; // nothing was added to it yet
    FILE *out;
    bool is_at_peak; // pprof: what was live at the peak rather than at the end
    size_t most;     // chrome: how many blocks, reallocs and failures, of each the largest
};

// profile.proto of pprof, not compressed.
void rg_export_pprof(const struct rg_export *e);

// What heaptrack_interpret writes: text that heaptrack_print and heaptrack_gui read.
void rg_export_heaptrack(const struct rg_export *e);

// Trace Event Format, which chrome://tracing and Perfetto read.
void rg_export_chrome(const struct rg_export *e);

// What stands for the frames of a stack that has none.
#define RG_EXPORT_NO_STACK "(no stack)"

// The text with "?" for control characters and U+FFFD for what is not UTF-8. To be freed.
char *rg_export_text(const char *text);

#endif
