// SPDX-License-Identifier: MIT
// Freed memory that is kept for reuse: that of page blocks in the free lists of bins, and of large blocks. There are
// bounds on all of it together, not on that of each class: the high-water marks of many classes come at different
// times, and would add up. Small blocks share their pages, which are never given back; what waits in thread caches is
// not counted.
//
// The counters are atomic, and exact when no thread is inside the heap.
#ifndef RG_HEAP_REUSE_H
#define RG_HEAP_REUSE_H

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

// What is kept in any case, and the part of what is in use that is kept beyond that.
enum { RG_REUSE_LEAST_BYTES = 8 << 20, RG_REUSE_FRACTION = 4 };

struct rg_reuse {
    _Atomic size_t
        in_use;          // bytes of page and large blocks that the program, or a thread cache, has
    _Atomic size_t kept; // bytes of freed ones that may still be backed by memory
};

extern struct rg_reuse rg_reuse;

RG_INLINE size_t rg_reuse_bound(void) {
    size_t part = atomic_load_explicit(&rg_reuse.in_use, memory_order_relaxed) / RG_REUSE_FRACTION;
    return part > RG_REUSE_LEAST_BYTES ? part : RG_REUSE_LEAST_BYTES;
}

// Whether more is kept than is allowed, so that rg_reuse_trim is due.
RG_INLINE bool rg_reuse_is_too_much(void) {
    return atomic_load_explicit(&rg_reuse.kept, memory_order_relaxed) > rg_reuse_bound();
}

// Drops the memory of freed blocks until an eighth less than what is allowed is kept: of those of which there is most,
// the ones that were freed first. Takes the CLASS and LARGE locks, so none may be held.
void rg_reuse_trim(void);

#endif
