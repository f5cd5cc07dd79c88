// SPDX-License-Identifier: MIT
// The live blocks of a trace, by address. Zero-filled it is empty. For one thread.
#ifndef RG_TOOLS_TRACE_LIVE_H
#define RG_TOOLS_TRACE_LIVE_H

#include "trace_model.h"

struct rg_trace_live {
    struct rg_trace_block *places; // open addressing: what is not at its place is in the next ones
    size_t cap;                    // a power of two, or 0
    size_t count;
    unsigned shift; // 64 less the bits of cap
};

// The block at the address, or NULL. Valid until the next put or remove.
struct rg_trace_block *rg_trace_live_find(const struct rg_trace_live *l, uint64_t address);

// There is none at its address yet, and that is not 0.
void rg_trace_live_put(struct rg_trace_live *l, const struct rg_trace_block *b);

// b is what find has returned.
void rg_trace_live_remove(struct rg_trace_live *l, struct rg_trace_block *b);

#endif
