// SPDX-License-Identifier: MIT
// The largest of many, at most so many of them; of equal ones those that came first. Zero-filled but for `most` it is
// empty.
#ifndef RG_TOOLS_EXPORT_LARGEST_H
#define RG_TOOLS_EXPORT_LARGEST_H

#include "trace_model.h"

struct rg_large {
    uint64_t size;               // what they are compared by
    uint64_t number;             // how many came before
    uint64_t from, to;           // ticks
    struct rg_trace_event event; // a realloc or a failure
    struct rg_trace_block block;
    uint32_t thread;
    bool is_live; // at the end
};

struct rg_largest {
    size_t most;
    struct rg_large *items; // a heap, the smallest first; sorted by rg_largest_sort
    size_t count;
    uint64_t offered;
};

// Whether one of this size would be taken.
bool rg_largest_wants(const struct rg_largest *l, uint64_t size);

// Takes it if it is wanted.
void rg_largest_offer(struct rg_largest *l, const struct rg_large *item);

// In the order of time. Nothing may be offered then.
void rg_largest_sort(struct rg_largest *l);

void rg_largest_done(struct rg_largest *l);

#endif
