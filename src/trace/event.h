// SPDX-License-Identifier: MIT
// The events of a trace and their encoding, for the library, which writes them, and for realloc-guard, which reads them.
// Pure functions of their arguments.
#ifndef RG_TRACE_EVENT_H
#define RG_TRACE_EVENT_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rg_trace_event_kind {
    // A new block: address, size, how (enum rg_trace_how).
    RG_TRACE_ALLOC = 1,
    // The block at `old` has ended: by how.
    RG_TRACE_FREE = 2,
    // realloc that left the block where it was: address = old, old_size, size.
    RG_TRACE_RESIZE = 3,
    // realloc that moved it: old, address, old_size, size.
    RG_TRACE_MOVE = 4,
    // The same where the block would have fitted where it was, and the guard moved it to show who keeps the old pointer.
    RG_TRACE_FORCED_MOVE = 5,
    // A call that failed for want of memory: size, how, and for realloc the block that stays: old.
    RG_TRACE_FAILED = 6,
    RG_TRACE_EVENT_KINDS
};

enum rg_trace_how {
    RG_TRACE_BY_MALLOC, // malloc
    RG_TRACE_BY_CALLOC,
    RG_TRACE_BY_REALLOC, // realloc and reallocarray: of no block (ALLOC), of size 0 (FREE)
    RG_TRACE_BY_ALIGNED, // memalign, aligned_alloc, posix_memalign, valloc, pvalloc
    RG_TRACE_BY_NEW,
    RG_TRACE_BY_NEW_ARRAY,
    RG_TRACE_BY_FREE, // free, cfree, free_sized, free_aligned_sized
    RG_TRACE_BY_DELETE,
    RG_TRACE_BY_DELETE_ARRAY,
    RG_TRACE_HOWS
};

// Of ALLOC, RESIZE and MOVE the time is that of the end of the call, of FREE that of its beginning: so an address that one
// thread frees and another gets comes in that order.
struct rg_trace_event {
    enum rg_trace_event_kind kind;
    enum rg_trace_how how; // ALLOC, FREE and FAILED; else BY_REALLOC
    uint32_t stack;        // id; 0: none
    uint64_t ticks;
    uint64_t address, size;
    uint64_t old, old_size;
};

// What an event is written relative to: of its chunk, from the start of that on, whose ticks are the first ones.
struct rg_trace_state {
    uint64_t ticks;
    uint64_t address; // of the event before
};

enum { RG_TRACE_VARINT_MOST = 10, RG_TRACE_EVENT_MOST = 1 + 6 * RG_TRACE_VARINT_MOST };

static inline unsigned char *rg_trace_put_varint(unsigned char *at, uint64_t n) {
    while (n >= 0x80) {
        *at++ = (unsigned char)(n | 0x80);
        n >>= 7;
    }
    *at++ = (unsigned char)n;
    return at;
}

// NULL: it does not end before `end`, or is over 64 bits.
static inline const unsigned char *rg_trace_get_varint(const unsigned char *at,
                                                       const unsigned char *end, uint64_t *ret) {
    uint64_t n = 0;
    for (unsigned shift = 0; at && at < end && shift < 64; shift += 7) {
        const unsigned char byte = *at++;
        if (shift == 63 && byte > 1) {
            return NULL;
        }
        n |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret = n;
            return at;
        }
    }
    return NULL;
}

// Small for small differences of either sign.
static inline uint64_t rg_trace_zigzag(int64_t n) {
    return (uint64_t)n << 1 ^ -(uint64_t)(n < 0);
}

static inline int64_t rg_trace_unzigzag(uint64_t n) {
    return (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
}

// Addresses of blocks are multiples of 16.
static inline unsigned char *rg_trace_put_address(unsigned char *at, struct rg_trace_state *s,
                                                  uint64_t address) {
    const int64_t difference = (int64_t)(address >> 4) - (int64_t)(s->address >> 4);
    s->address = address;
    return rg_trace_put_varint(at, rg_trace_zigzag(difference));
}

static inline const unsigned char *rg_trace_get_address(const unsigned char *at,
                                                        const unsigned char *end,
                                                        struct rg_trace_state *s, uint64_t *ret) {
    uint64_t n;
    at = rg_trace_get_varint(at, end, &n);
    if (at) {
        s->address = *ret = ((s->address >> 4) + (uint64_t)rg_trace_unzigzag(n)) << 4;
    }
    return at;
}

static inline bool rg_trace_has_address(enum rg_trace_event_kind kind) {
    return kind == RG_TRACE_ALLOC || kind == RG_TRACE_MOVE || kind == RG_TRACE_FORCED_MOVE;
}

static inline bool rg_trace_has_old(enum rg_trace_event_kind kind) {
    return kind != RG_TRACE_ALLOC;
}

static inline bool rg_trace_has_old_size(enum rg_trace_event_kind kind) {
    return kind == RG_TRACE_RESIZE || kind == RG_TRACE_MOVE || kind == RG_TRACE_FORCED_MOVE;
}

// Writes the event at `at`, where there is room for RG_TRACE_EVENT_MOST bytes, but for its first byte, which is to be
// written to *at when all else is, with release order: *ret_first. Returns where the next one goes. Of an event whose kind is
// a constant little of this is left.
RG_INLINE unsigned char *rg_trace_put_event(unsigned char *at, struct rg_trace_state *s,
                                            const struct rg_trace_event *e,
                                            unsigned char *ret_first) {
    // The processors' counters may differ a little.
    const uint64_t ticks = e->ticks > s->ticks ? e->ticks : s->ticks;
    *ret_first = (unsigned char)(e->kind | (unsigned)e->how << 4);
    at = rg_trace_put_varint(at + 1, ticks - s->ticks);
    s->ticks = ticks;
    at = rg_trace_put_varint(at, e->stack);
    if (rg_trace_has_old(e->kind)) {
        at = rg_trace_put_address(at, s, e->old);
    }
    if (rg_trace_has_old_size(e->kind)) {
        at = rg_trace_put_varint(at, e->old_size);
    }
    if (rg_trace_has_address(e->kind)) {
        at = rg_trace_put_address(at, s, e->address);
    }
    return e->kind == RG_TRACE_FREE ? at : rg_trace_put_varint(at, e->size);
}

// Reads the event at `at`, whose first byte is not zero. Returns where the next one is; NULL: this is none, or it does
// not end before `end`.
static inline const unsigned char *rg_trace_get_event(const unsigned char *at,
                                                      const unsigned char *end,
                                                      struct rg_trace_state *s,
                                                      struct rg_trace_event *ret) {
    uint64_t ticks = 0, stack = 0;
    if (at >= end || (*at & 15) == 0 || (*at & 15) >= RG_TRACE_EVENT_KINDS ||
        *at >> 4 >= RG_TRACE_HOWS) {
        return NULL;
    }
    *ret = (struct rg_trace_event){.kind = (enum rg_trace_event_kind)(*at & 15),
                                   .how = (enum rg_trace_how)(*at >> 4)};
    at = rg_trace_get_varint(at + 1, end, &ticks);
    at = rg_trace_get_varint(at, end, &stack);
    if (!at || stack > UINT32_MAX) {
        return NULL;
    }
    s->ticks += ticks;
    ret->ticks = s->ticks;
    ret->stack = (uint32_t)stack;
    if (rg_trace_has_old(ret->kind)) {
        at = rg_trace_get_address(at, end, s, &ret->old);
    }
    if (rg_trace_has_old_size(ret->kind)) {
        at = rg_trace_get_varint(at, end, &ret->old_size);
    }
    if (rg_trace_has_address(ret->kind)) {
        at = rg_trace_get_address(at, end, s, &ret->address);
    }
    if (ret->kind != RG_TRACE_FREE) {
        at = rg_trace_get_varint(at, end, &ret->size);
    }
    if (at && ret->kind == RG_TRACE_RESIZE) {
        ret->address = ret->old;
    }
    return at;
}

#endif
