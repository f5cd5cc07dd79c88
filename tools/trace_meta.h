// SPDX-License-Identifier: MIT
// What the events of a trace refer to: stacks, modules, threads, from the records of its META chunks. Nothing in the file
// is trusted: memory grows with the records alone. For one thread.
#ifndef RG_TOOLS_TRACE_META_H
#define RG_TOOLS_TRACE_META_H

#include "trace_chunks.h"
#include "trace_reader.h"

// Higher numbers are damage.
enum { RG_TRACE_MODULE_HIGHEST = (1 << 20) - 1 };

struct rg_trace_span {
    uint64_t first; // index of its first frame
    uint32_t count; // 0: not known
};

struct rg_trace_meta {
    struct rg_trace_span *stacks; // by id
    size_t stack_cap;
    uint32_t last_stack;
    struct rg_trace_frame *frames; // of all stacks
    size_t frame_count;
    struct rg_trace_module **modules; // by index
    size_t module_cap;
    uint32_t module_count;
    struct rg_number_map thread_names; // by number + 1
    const char **notes;
    size_t note_count;
    uint32_t *children; // pids
    size_t child_count;
    bool has_ended;
    // The pair that is latest, for the scale.
    struct rg_trace_clock latest;
    // Where reading goes on: the chunk, by its index, and how far into it.
    size_t chunk;
    uint32_t at;
};

// Reads on.
void rg_trace_meta_read(struct rg_trace_meta *m, struct rg_trace_chunks *c);

void rg_trace_meta_done(struct rg_trace_meta *m);

#endif
