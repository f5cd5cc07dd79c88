// SPDX-License-Identifier: MIT
// See trace_html_line.h.
#include "trace_html_line.h"

#include "need.h"

#include "base/compiler.h"

#include <stdlib.h>

void rg_trace_line_add(struct rg_trace_line *l, struct rg_trace_point p) {
    const uint64_t index = p.ns / l->span_ns;
    struct rg_trace_span *s = &l->spans[index < RG_TRACE_SPANS ? index : RG_TRACE_SPANS - 1];
    p.order = ++l->count;
    if (s->count++ == 0) {
        *s = (struct rg_trace_span){1, p, p, p, p, p, p};
    }
    s->last = p;
    if (p.bytes < s->least_bytes.bytes) {
        s->least_bytes = p;
    }
    if (p.bytes > s->most_bytes.bytes) {
        s->most_bytes = p;
    }
    if (p.blocks < s->least_blocks.blocks) {
        s->least_blocks = p;
    }
    if (p.blocks > s->most_blocks.blocks) {
        s->most_blocks = p;
    }
}

static int by_order(const void *a, const void *b) {
    const struct rg_trace_point *x = a;
    const struct rg_trace_point *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

struct rg_trace_point *rg_trace_line_points(const struct rg_trace_line *l, size_t *ret_count) {
    struct rg_trace_point *points = rg_need((6 * RG_TRACE_SPANS + 1) * sizeof *points);
    size_t count = 1;
    for (size_t i = 0; i < RG_TRACE_SPANS; i++) {
        const struct rg_trace_span *s = &l->spans[i];
        struct rg_trace_point kept[] = {s->first,        s->least_bytes, s->most_bytes,
                                        s->least_blocks, s->most_blocks, s->last};
        if (s->count == 0) {
            continue;
        }
        qsort(kept, RG_ARRAY_LEN(kept), sizeof *kept, by_order);
        for (size_t k = 0; k < RG_ARRAY_LEN(kept); k++) {
            if (kept[k].order > points[count - 1].order) {
                points[count++] = kept[k];
            }
        }
    }
    *ret_count = count;
    return points;
}
