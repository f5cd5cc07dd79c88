// SPDX-License-Identifier: MIT
// The events of one thread of a trace, chunk by chunk. Holds a part of the chunk it is in, and nothing while it waits for
// its turn. For one thread.
#ifndef RG_TOOLS_TRACE_CURSOR_H
#define RG_TOOLS_TRACE_CURSOR_H

#include "trace_chunks.h"

#include "trace/event.h"

struct rg_trace_cursor {
    uint32_t thread;
    uint32_t first, last; // chunks
    uint32_t chunk;       // the one it is in
    bool is_in_heap;      // for its owner
    bool is_chunk_over;   // damaged, so that nothing more is read of it
    bool has_event;       // the next one has been read
    // Where the next event ends, or the one after it begins.
    uint32_t at; // in the chunk
    struct rg_trace_state state;
    // The same of before the event that has been read.
    uint32_t before_at;
    struct rg_trace_state before;
    struct rg_trace_event event;
    // The part of the chunk that is in memory, or NULL.
    unsigned char *bytes;
    uint32_t bytes_at, bytes_len;
};

// Begins with the first chunk.
void rg_trace_cursor_begin(struct rg_trace_cursor *c, const struct rg_trace_chunks *chunks);

// No event of it is earlier.
uint64_t rg_trace_cursor_ticks(const struct rg_trace_cursor *c);

// Reads the next event into c->event, from this chunk. False: the chunk has no more yet.
// ticks_most: later ones are damage.
bool rg_trace_cursor_read(struct rg_trace_cursor *c, struct rg_trace_chunks *chunks,
                          uint64_t ticks_most);

// Goes to the next chunk. False: there is none yet.
bool rg_trace_cursor_next_chunk(struct rg_trace_cursor *c, const struct rg_trace_chunks *chunks);

// The event that has been read and what is in memory is forgotten, to be read again.
void rg_trace_cursor_forget(struct rg_trace_cursor *c);

#endif
