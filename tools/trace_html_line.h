// SPDX-License-Identifier: MIT
// Live bytes and blocks over time, in bounded memory: of each of many spans of time the first and the last state, and those
// of the extremes. So no peak is lost, however short. Zero-filled but for span_ns it is empty.
#ifndef RG_TOOLS_TRACE_HTML_LINE_H
#define RG_TOOLS_TRACE_HTML_LINE_H

#include <stddef.h>
#include <stdint.h>

enum { RG_TRACE_SPANS = 1500 };

struct rg_trace_point {
    uint64_t ns, bytes, blocks; // what was live from then on
    uint64_t order;             // which one it is of all, set when it is added
};

struct rg_trace_span {
    uint64_t count; // of the states
    struct rg_trace_point first, last;
    struct rg_trace_point least_bytes, most_bytes, least_blocks, most_blocks;
};

struct rg_trace_line {
    uint64_t span_ns; // not zero
    uint64_t count;
    struct rg_trace_span spans[RG_TRACE_SPANS];
};

// Behind all points that were added before.
void rg_trace_line_add(struct rg_trace_line *l, struct rg_trace_point p);

// The points that stand for all of them, in order, each once; it begins with nothing at 0. To be freed.
struct rg_trace_point *rg_trace_line_points(const struct rg_trace_line *l, size_t *ret_count);

#endif
