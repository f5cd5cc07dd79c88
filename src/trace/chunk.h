// SPDX-License-Identifier: MIT
// Chunks of a trace's file as they are written: each begins with its head, whose magic comes last, so that a process that
// ends in between leaves space that was not used.
#ifndef RG_TRACE_CHUNK_H
#define RG_TRACE_CHUNK_H

#include "trace/file.h"
#include "trace/format.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RG_TRACE_CHUNK_FIRST = 4 * RG_TRACE_PAGE, // what a thread, or META, gets at first
    RG_TRACE_CHUNK_LATER = 1 << 20,           // and at most, after twice as much each time
};

// A chunk that is being filled; zero-filled is none.
struct rg_trace_piece {
    unsigned char *base;
    uint32_t bytes;
    uint32_t next_bytes; // of the one after it
};

static inline unsigned char *rg_trace_chunk_head(unsigned char *base, struct rg_trace_chunk head) {
    struct rg_trace_chunk *chunk = (struct rg_trace_chunk *)base;
    head.magic = 0;
    *chunk = head;
    atomic_store_explicit((_Atomic uint32_t *)&chunk->magic, RG_TRACE_CHUNK_MAGIC,
                          memory_order_release);
    return base + sizeof *chunk;
}

// What is written ends with this byte: a reader that finds it finds all before it.
static inline void rg_trace_publish(unsigned char *at, unsigned char first) {
    atomic_store_explicit((_Atomic unsigned char *)at, first, memory_order_release);
}

// Gives back the piece that is there and gets the next one. The head's `bytes` need not be set. Returns where its contents
// begin; NULL: *ret says why. With the TRACE lock held.
unsigned char *rg_trace_chunk_next(struct rg_trace_piece *p, struct rg_trace_chunk head,
                                   struct rg_trace_trouble *ret);

// Makes the pages from `used` on a chunk of their own, where there are any: its thread has ended, or another one goes on
// there. Returns where its contents begin, or NULL.
unsigned char *rg_trace_chunk_cut(struct rg_trace_piece *p, const unsigned char *used,
                                  struct rg_trace_chunk head);

#endif
