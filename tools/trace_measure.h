// SPDX-License-Identifier: MIT
// Figures of a stack or site by which these are ranked.
#ifndef RG_TOOLS_TRACE_MEASURE_H
#define RG_TOOLS_TRACE_MEASURE_H

#include "trace_model.h"

typedef uint64_t rg_trace_measure_fn(const struct rg_trace_figures *f);

static inline uint64_t rg_measure_bytes(const struct rg_trace_figures *f) {
    return f->bytes;
}

static inline uint64_t rg_measure_calls(const struct rg_trace_figures *f) {
    return f->allocations;
}

static inline uint64_t rg_measure_at_peak(const struct rg_trace_figures *f) {
    return f->at_peak_bytes;
}

static inline uint64_t rg_measure_live(const struct rg_trace_figures *f) {
    return f->live_bytes;
}

static inline uint64_t rg_measure_temporary(const struct rg_trace_figures *f) {
    return f->temporary;
}

static inline uint64_t rg_measure_reallocs(const struct rg_trace_figures *f) {
    return f->reallocs;
}

#endif
