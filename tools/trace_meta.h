// SPDX-License-Identifier: MIT
// What the events of a trace refer to: stacks, modules, threads, from the records of its META chunks. Nothing in the file
// is trusted: memory grows with the records alone. For one thread.
#ifndef RG_TOOLS_TRACE_META_H
#define RG_TOOLS_TRACE_META_H

#include "trace_chunks.h"
#include "trace_reader.h"

// Higher numbers are damage.
enum { RG_TRACE_MODULE_HIGHEST = (1 << 20) - 1 };

enum { RG_TRACE_STACK_HALF = 12, RG_TRACE_STACK_HALVES = 1 << RG_TRACE_STACK_HALF };
_Static_assert((RG_TRACE_STACK_HIGHEST >> RG_TRACE_STACK_HALF) < RG_TRACE_STACK_HALVES,
               "an id has two halves");

struct rg_trace_span {
    uint64_t first; // index of its first frame
    uint32_t count; // 0: not known
};

struct rg_trace_meta {
    // Ids are far apart, also those that damage makes up; so stacks get numbers of their own, from 1.
    uint32_t **
        stack_numbers; // by the upper half of the id, then by the lower; NULL: none there, 0: not known
    struct rg_trace_span *stacks;  // by number
    size_t stack_count;            // number 0 included
    struct rg_trace_frame *frames; // of all stacks
    size_t frame_count;
    struct rg_trace_module **modules; // by index
    size_t module_cap;
    uint32_t module_count;
    struct rg_number_map thread_names; // by number + 1
    const char **notes;
    size_t note_count;
    bool has_ended;
    // The pair that is latest, for the scale.
    struct rg_trace_clock latest;
    // Where reading goes on: the chunk, by its index, and how far into it.
    size_t chunk;
    uint32_t at;
};

// The number of the stack with that id in the file; 0: it is not there.
static inline uint32_t rg_trace_meta_stack(const struct rg_trace_meta *m, uint32_t id) {
    const uint32_t *numbers = m->stack_numbers ? m->stack_numbers[id >> RG_TRACE_STACK_HALF] : NULL;
    return numbers ? numbers[id & (RG_TRACE_STACK_HALVES - 1)] : 0;
}

// Reads on.
void rg_trace_meta_read(struct rg_trace_meta *m, struct rg_trace_chunks *c);

void rg_trace_meta_done(struct rg_trace_meta *m);

#endif
