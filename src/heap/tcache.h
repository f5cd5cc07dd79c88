// SPDX-License-Identifier: MIT
// Thread caches: a few free slots of each class up to 32 KiB, owned by one thread, so that malloc and
// free in steady state take no lock and make no system call; and a few vacated units, so that realloc seldom
// takes one. A slot freed by another thread than its allocator goes into the freeing thread's cache.
//
// A cache is used by its own thread only; nothing here is atomic. Not async-signal-safe: the caller
// keeps signal handlers that allocate out by marking the thread busy.
#ifndef RG_HEAP_TCACHE_H
#define RG_HEAP_TCACHE_H

#include "base/compiler.h"
#include "heap/bin.h"

enum {
    RG_TCACHE_CLASSES = RG_SMALL_CLASSES + 8, // and the second bins of small ones
    // Vacated units of a class that wait in a cache, so that one visit to the bin serves them all: the two
    // system calls around its lock would be a tenth of the cost of each move.
    RG_TCACHE_VACATED = 32,
};

struct rg_tcache_bin {
    struct rg_slot *slots; // [capacity]; made when the bin is first used
    uint32_t count, capacity;
    uint32_t slot_size; // as rg_size_classes has it; set with `slots`
    uint16_t batch;     // slots to take from the bin next time; grows from 1 as the class is used
    uint16_t vacated_count;
    struct rg_slot *vacated; // [RG_TCACHE_VACATED] sealed, and not yet known to the bin as such
};

struct rg_tcache {
    struct rg_tcache_bin bins[RG_BINS];
};

// Whether slots of the bin are cached.
RG_INLINE bool rg_tcache_keeps(unsigned c) {
    return c < RG_TCACHE_CLASSES || rg_size_class_is_mobile(c);
}

// A cache in the metadata arena; NULL when there is no memory.
struct rg_tcache *rg_tcache_create(void);

// Gives every slot back to the bins; the cache can be used again, also by another thread.
void rg_tcache_flush(struct rg_tcache *t);

// Out-of-line halves of the two below.
//
// Takes a slot from the bin, and more for the cache; returns how many, 0 when there is no memory.
unsigned rg_tcache_refill(struct rg_tcache *t, unsigned c, struct rg_slot *ret_slot);
void rg_tcache_give_slow(struct rg_tcache *t, unsigned c, struct rg_slot slot);

// Takes a slot of the class from the cache. t may be NULL. False: the cache has none.
RG_INLINE bool rg_tcache_bin_take(struct rg_tcache_bin *bin, struct rg_slot *ret_slot) {
    const size_t count = bin->count;
    if (rg_likely(count > 0)) {
        bin->count = (uint32_t)count - 1;
        *ret_slot = bin->slots[count - 1];
        return true;
    }
    return false;
}

RG_INLINE bool rg_tcache_take(struct rg_tcache *t, unsigned c, struct rg_slot *ret_slot) {
    return rg_likely(t) && rg_tcache_bin_take(&t->bins[c], ret_slot);
}

// Gives back a slot whose record is FREE. t may be NULL.
RG_INLINE void rg_tcache_give(struct rg_tcache *t, unsigned c, struct rg_slot slot) {
    if (rg_likely(t)) {
        struct rg_tcache_bin *bin = &t->bins[c];
        const size_t count = bin->count;
        if (rg_likely(count < bin->capacity)) {
            bin->count = (uint32_t)count + 1;
            bin->slots[count] = slot;
            return;
        }
    }
    rg_tcache_give_slow(t, c, slot);
}

// Takes note that the unit of a block which was moved is sealed. The bin learns of it later, but before this
// cache next asks it for slots. t may be NULL.
void rg_tcache_vacate(struct rg_tcache *t, unsigned c, struct rg_slot slot);

#endif
