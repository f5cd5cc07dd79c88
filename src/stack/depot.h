// SPDX-License-Identifier: MIT
// The stack depot: every distinct stack once, under a 24-bit id, shared by all threads (the idea of
// compiler-rt's StackDepot). Neither a look-up nor the insertion of a new stack takes a lock, but where the depot needs
// more memory: the DEPOT lock. Nothing is ever removed. Id 0 is the empty stack.
#ifndef RG_STACK_DEPOT_H
#define RG_STACK_DEPOT_H

#include <stddef.h>
#include <stdint.h>

enum { RG_STACK_ID_BITS = 24 };

struct rg_stack_id {
    uint32_t v; // below 1 << RG_STACK_ID_BITS
};

// The id of the stack, entered if it is new; id 0 when there is no memory or count is 0.
// epoch: which state of the loaded modules the pcs belong to (see modules.h).
struct rg_stack_id rg_depot_put(const uintptr_t *pcs, size_t count, uint32_t epoch);

// The stack of an id, of which up to `max` pcs are stored at pcs, innermost first; count 0 for id 0.
// Async-signal-safe.
struct rg_stack {
    const uintptr_t *pcs;
    size_t count;
    uint32_t epoch;
};
struct rg_stack rg_depot_get(struct rg_stack_id id, uintptr_t *pcs, size_t max);

// Distinct stacks so far.
size_t rg_depot_count(void);

// The last id that was given to any: a stack that is found under a later one was not there before.
uint32_t rg_depot_last_id(void);

// A thread's memory of the stacks it recorded last, so that a repeated one costs no shared cache line.
// Zero-filled is empty.
enum { RG_DEPOT_CACHE_SIZE = 64 };
struct rg_depot_cache {
    uint32_t id[RG_DEPOT_CACHE_SIZE];
};
struct rg_stack_id rg_depot_put_cached(struct rg_depot_cache *cache, const uintptr_t *pcs,
                                       size_t count, uint32_t epoch);

#endif
