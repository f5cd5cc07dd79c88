// SPDX-License-Identifier: MIT
// See trace_timeline.h.
#include "trace_timeline.h"

#include "need.h"

#include <stdlib.h>
#include <string.h>

void rg_trace_timeline_begin(struct rg_trace_timeline *t, const struct rg_trace_reader *r,
                             const struct rg_trace_model *m) {
    *t = (struct rg_trace_timeline){
        .reader = r,
        .model = m,
        .width_ns = 1000,
        .moments = rg_need(RG_TRACE_TIMELINE_MOST * sizeof(struct rg_trace_moment))};
}

void rg_trace_timeline_done(struct rg_trace_timeline *t) {
    free(t->moments);
}

// The later one is added to the earlier one.
static void add(struct rg_trace_moment *to, const struct rg_trace_moment *later) {
    if (!later->is_used) {
        return;
    }
    to->is_used = true;
    to->most_bytes = later->most_bytes > to->most_bytes ? later->most_bytes : to->most_bytes;
    to->live_bytes = later->live_bytes;
    to->live_blocks = later->live_blocks;
    to->allocations += later->allocations;
    to->frees += later->frees;
}

static void halve(struct rg_trace_timeline *t) {
    for (size_t i = 0; i < RG_TRACE_TIMELINE_MOST / 2; i++) {
        struct rg_trace_moment both = t->moments[2 * i];
        add(&both, &t->moments[2 * i + 1]);
        t->moments[i] = both;
    }
    memset(t->moments + RG_TRACE_TIMELINE_MOST / 2, 0,
           RG_TRACE_TIMELINE_MOST / 2 * sizeof *t->moments);
    t->width_ns *= 2;
    t->last /= 2;
}

void rg_trace_timeline_event(void *arg, const struct rg_trace_event *e, uint32_t thread,
                             const struct rg_trace_block *before,
                             const struct rg_trace_block *after) {
    (void)thread;
    (void)before;
    struct rg_trace_timeline *t = arg;
    const uint64_t ns = rg_trace_reader_ns(t->reader, e->ticks);
    while (ns / t->width_ns >= RG_TRACE_TIMELINE_MOST) {
        halve(t);
    }
    // Of a damaged trace events may come in another order; they count where the others are.
    const size_t at = (size_t)(ns / t->width_ns);
    t->last = at > t->last ? at : t->last;
    const struct rg_trace_figures *all = rg_trace_model_totals(t->model);
    const struct rg_trace_moment now = {.is_used = true,
                                        .most_bytes = all->live_bytes,
                                        .live_bytes = all->live_bytes,
                                        .live_blocks = all->live_blocks,
                                        .allocations = after->address && e->kind != RG_TRACE_FAILED,
                                        .frees = e->kind == RG_TRACE_FREE};
    add(&t->moments[t->last], &now);
}

void rg_trace_timeline_rows(const struct rg_trace_timeline *t, uint64_t until_ns, size_t rows,
                            struct rg_trace_moment *ret) {
    const double width = (double)(until_ns ? until_ns : 1) / (double)rows;
    memset(ret, 0, rows * sizeof *ret);
    for (size_t i = 0; i <= t->last; i++) {
        // By its middle.
        const double row = ((double)i + 0.5) * (double)t->width_ns / width;
        add(&ret[row < (double)rows ? (size_t)row : rows - 1], &t->moments[i]);
    }
    // Where there was no call everything stays as it was.
    for (size_t i = 1; i < rows; i++) {
        const struct rg_trace_moment *before = &ret[i - 1];
        if (!ret[i].is_used) {
            ret[i].live_bytes = ret[i].most_bytes = before->live_bytes;
            ret[i].live_blocks = before->live_blocks;
        } else if (before->live_bytes > ret[i].most_bytes) {
            ret[i].most_bytes = before->live_bytes;
        }
    }
}
