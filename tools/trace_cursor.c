// SPDX-License-Identifier: MIT
// See trace_cursor.h.
#include "trace_cursor.h"

#include "need.h"
#include "trace_reader.h"

#include <stdlib.h>
#include <string.h>

// Of a chunk that may be nearly empty less is read at first.
enum { FIRST_BYTES = RG_TRACE_PAGE, PART_BYTES = 1 << 16 };

static void enter_chunk(struct rg_trace_cursor *c, const struct rg_trace_chunks *chunks,
                        uint32_t chunk) {
    rg_trace_cursor_forget(c);
    c->chunk = chunk;
    c->is_chunk_over = false;
    c->at = sizeof(struct rg_trace_chunk);
    c->state = (struct rg_trace_state){.ticks = chunks->places[chunk].start.ticks};
}

void rg_trace_cursor_begin(struct rg_trace_cursor *c, const struct rg_trace_chunks *chunks) {
    enter_chunk(c, chunks, c->first);
}

uint64_t rg_trace_cursor_ticks(const struct rg_trace_cursor *c) {
    return c->has_event ? c->event.ticks : c->state.ticks;
}

bool rg_trace_cursor_next_chunk(struct rg_trace_cursor *c, const struct rg_trace_chunks *chunks) {
    const uint32_t next = chunks->places[c->chunk].next;
    if (next == 0) {
        free(c->bytes);
        c->bytes = NULL;
        return false;
    }
    enter_chunk(c, chunks, next);
    return true;
}

void rg_trace_cursor_forget(struct rg_trace_cursor *c) {
    if (c->has_event) {
        c->at = c->before_at;
        c->state = c->before;
        c->has_event = false;
    }
    free(c->bytes);
    c->bytes = NULL;
}

// Reads the part from c->at on. Returns how many bytes it has.
static uint32_t load(struct rg_trace_cursor *c, const struct rg_trace_chunks *chunks) {
    const struct rg_trace_place *place = &chunks->places[c->chunk];
    const uint32_t left = place->bytes - c->at;
    const uint32_t most = c->at == sizeof(struct rg_trace_chunk) ? FIRST_BYTES : PART_BYTES;
    if (!c->bytes) {
        // Without the zeroes of rg_need.
        c->bytes = rg_need_room(NULL, 0, PART_BYTES);
    }
    c->bytes_at = c->at;
    c->bytes_len = (uint32_t)rg_trace_chunks_read(chunks, place->offset + c->at, c->bytes,
                                                  left < most ? left : most);
    return c->bytes_len;
}

// The library serves no larger block, and no address of a program is higher.
static bool is_possible(const struct rg_trace_event *e) {
    const uint64_t most = (uint64_t)1 << 47;
    const bool has_sizes = e->kind != RG_TRACE_FAILED;
    return e->stack <= RG_TRACE_STACK_HIGHEST && e->address < most && e->old < most &&
           (!has_sizes || (e->size < most && e->old_size < most));
}

bool rg_trace_cursor_read(struct rg_trace_cursor *c, struct rg_trace_chunks *chunks,
                          uint64_t ticks_most) {
    if (c->is_chunk_over) {
        return false;
    }
    const uint32_t chunk_bytes = chunks->places[c->chunk].bytes;
    uint32_t have = c->bytes ? c->bytes_at + c->bytes_len - c->at : 0;
    if (have < RG_TRACE_EVENT_MOST && c->at + have < chunk_bytes) {
        have = load(c, chunks);
    }
    const unsigned char *at = c->bytes + (c->at - c->bytes_at);
    if (have == 0) {
        // Full; or the file was cut where there were events.
        if (c->at < chunk_bytes) {
            rg_trace_chunks_damaged(chunks, c->chunk);
        }
        return false;
    }
    if (*at == 0) {
        return false;
    }
    c->before = c->state;
    const unsigned char *end = rg_trace_get_event(at, at + have, &c->state, &c->event);
    if (!end || c->event.ticks < c->before.ticks || c->event.ticks > ticks_most ||
        !is_possible(&c->event)) {
        c->state = c->before;
        c->is_chunk_over = true;
        rg_trace_chunks_damaged(chunks, c->chunk);
        return false;
    }
    c->before_at = c->at;
    c->at += (uint32_t)(end - at);
    c->has_event = true;
    return true;
}
