// SPDX-License-Identifier: MIT
// Which events of a trace are wanted. For one thread.
#ifndef RG_TOOLS_TRACE_FILTER_H
#define RG_TOOLS_TRACE_FILTER_H

#include "trace_request.h"

// Whether a stack has a function, file or module with the text in its name; what was found is kept.
struct rg_trace_pattern {
    const char *text; // NULL: all stacks have
    const struct rg_trace_reader *reader;
    struct rg_trace_names *names;
    unsigned char *known; // by stack
    size_t known_cap;
};

bool rg_trace_pattern_matches(struct rg_trace_pattern *p, uint32_t stack);
void rg_trace_pattern_done(struct rg_trace_pattern *p);

// Whether the block is there and has the address: one in its middle does, too.
bool rg_trace_block_has(const struct rg_trace_block *b, uint64_t address);

struct rg_trace_filter {
    int kind; // RG_TRACE_KIND_WORDS; 0: any
    struct rg_trace_range sizes;
    uint64_t from_ns, to_ns;
    uint64_t thread, address;
    bool has_thread, has_address;
    struct rg_trace_pattern site;
};

#define RG_TRACE_KIND_WORDS "any|alloc|free|realloc|resize|move|forced-move|failed"

bool rg_trace_filter_matches(struct rg_trace_filter *f, const struct rg_trace_event *e, uint64_t ns,
                             uint32_t thread, const struct rg_trace_block *before,
                             const struct rg_trace_block *after);

#endif
