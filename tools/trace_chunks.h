// SPDX-License-Identifier: MIT
// Where the chunks of a trace file lie. Nothing in the file is trusted. For one thread.
#ifndef RG_TOOLS_TRACE_CHUNKS_H
#define RG_TOOLS_TRACE_CHUNKS_H

#include "number_map.h"

#include "trace/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rg_trace_place {
    uint64_t offset; // in the file
    uint32_t bytes;  // of the chunk, its header included; the file may end before
    uint32_t kind;   // enum rg_trace_chunk_kind
    uint32_t thread, tid;
    struct rg_trace_clock start;
    uint32_t
        next; // index of the next chunk of the same thread; 0: none (the chunk 0 follows no other)
    bool is_damaged; // in what it holds
};

struct rg_trace_chunks {
    int fd;
    uint64_t file_bytes; // when it was last looked at
    struct rg_trace_place *places;
    size_t count;
    uint64_t damaged; // headers, and chunks in what they hold: each once
    // From here on the file is to be looked through, and what is known of behind it.
    uint64_t unknown_from;
    bool is_in_damage;
    uint64_t damage_told; // up to where damage between chunks has been counted
    struct rg_number_map by_offset;
};

// Looks for chunks that it does not know yet. What is not used is passed over: a thread may have died before it wrote to
// the chunk it had got.
void rg_trace_chunks_scan(struct rg_trace_chunks *c);

// Marks the chunk as damaged in what it holds.
void rg_trace_chunks_damaged(struct rg_trace_chunks *c, uint32_t index);

// As many bytes as there are, up to count. Returns how many.
size_t rg_trace_chunks_read(const struct rg_trace_chunks *c, uint64_t offset, void *to,
                            size_t count);

void rg_trace_chunks_done(struct rg_trace_chunks *c);

#endif
