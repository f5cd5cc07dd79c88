// SPDX-License-Identifier: MIT
// What nearly every malloc and free does, inline: a small block that stays, from the thread's cache and back to it. All
// else goes to heap.h. A call in between, and the registers that it saves, would be a fifth of it; and the fewer
// instructions there are, the sooner the processor comes to the program's next miss of its caches, while it waits for
// the last one.
#ifndef RG_HEAP_USUAL_H
#define RG_HEAP_USUAL_H

#include "heap/heap.h"
#include "heap/mobility.h"
#include "heap/redzone.h"
#include "heap/size_class.h"

#include <string.h>
#include <sys/single_threaded.h>

RG_INLINE void rg_block_record_alloc(struct rg_block *b, uintptr_t moved_from, size_t size,
                                     enum rg_family family, struct rg_origin origin) {
    atomic_store_explicit(&b->birth, rg_birth_make(moved_from, origin.stack), memory_order_relaxed);
    atomic_store_explicit(&b->next, 0, memory_order_relaxed);
    atomic_store_explicit(&b->head,
                          rg_head_by(rg_head_make(size, RG_BLOCK_LIVE, family), origin.thread),
                          memory_order_release);
}

// While there is one thread this need not be atomic among processors, which is most of its cost, but stays one
// instruction: a signal handler may come at any point.
RG_INLINE bool rg_block_exchange_head(struct rg_block *b, uint64_t *head, uint64_t to) {
    if (rg_unlikely(!__libc_single_threaded)) {
        return atomic_compare_exchange_strong_explicit(&b->head, head, to, memory_order_acq_rel,
                                                       memory_order_acquire);
    }
    bool done;
    __asm__ volatile("cmpxchgq %[to], %[head]"
                     : [head] "+m"(b->head), "+a"(*head), "=@cce"(done)
                     : [to] "r"(to)
                     : "memory");
    return done;
}

// birth: as the block has it.
RG_INLINE void rg_block_record_end(struct rg_block *b, uint64_t birth, uintptr_t next,
                                   struct rg_origin origin) {
    atomic_store_explicit(&b->next, rg_link_make(next, origin.thread), memory_order_relaxed);
    atomic_store_explicit(&b->birth, rg_birth_ended(birth, origin.stack), memory_order_relaxed);
}

// What is left to do for a block at p that this thread has taken from the LIVE state; head: what it was before.
enum rg_status rg_heap_end_free(struct rg_tcache *t, struct rg_found found, void *p,
                                struct rg_origin origin, uint64_t head);

// As rg_heap_free_found.
RG_INLINE enum rg_status rg_usual_free(struct rg_tcache *t, struct rg_found f, void *p,
                                       struct rg_origin origin) {
    uint64_t head = atomic_load_explicit(&f.block->head, memory_order_acquire);
    // From LIVE to FREE.
    const uint64_t step = (uint64_t)(RG_BLOCK_LIVE ^ RG_BLOCK_FREE) << RG_HEAD_STATE_SHIFT;
    if (rg_unlikely(rg_head_state(head) != RG_BLOCK_LIVE ||
                    !rg_block_exchange_head(f.block, &head, head ^ step))) {
        return rg_heap_free_found(t, f, p, origin);
    }
    uint64_t birth = atomic_load_explicit(&f.block->birth, memory_order_relaxed);
    // What is behind the block may be looked at only once it is sure to be this one. A record that was another view's by
    // then has been given back first, and before that usual_slot was cleared: who sees the record LIVE sees that.
    const uint32_t slot_size = atomic_load_explicit(&f.view->usual_slot, memory_order_acquire);
    if (rg_unlikely((birth & RG_BIRTH_MOVED) != 0 || slot_size == 0 ||
                    // (uint32_t)head: the whole size of a small block.
                    !rg_redzone_is_untouched(p, (uint32_t)head, slot_size))) {
        return rg_heap_end_free(t, f, p, origin, head);
    }
    rg_block_record_end(f.block, birth, 0, origin);
    rg_tcache_give(t, f.view->size_class, (struct rg_slot){p, f.block});
    return RG_OK;
}

// Frees the block that starts at p (not NULL).
RG_INLINE enum rg_status rg_heap_free(struct rg_tcache *t, void *p, struct rg_origin origin) {
    struct rg_found found;
    enum rg_status status = rg_heap_find(p, &found);
    return rg_likely(status == RG_OK) ? rg_usual_free(t, found, p, origin) : status;
}

// As rg_heap_alloc.
RG_INLINE void *rg_usual_alloc(struct rg_tcache *t, size_t size, size_t align,
                               enum rg_family family, bool zero, struct rg_origin origin) {
    struct rg_slot slot;
    if (rg_unlikely(size > RG_SMALL_MAX || align > RG_SMALL_ALIGN || !t)) {
        return rg_heap_alloc(t, size, align, family, zero, origin);
    }
    size_t c = rg_size_class_for_small(size);
    struct rg_tcache_bin *bin = &t->bins[c];
    if (rg_unlikely(rg_mobility_expect(origin.site, (unsigned)c) != RG_MOBILITY_STAYS ||
                    !rg_tcache_bin_take(bin, &slot))) {
        return rg_heap_alloc(t, size, align, family, zero, origin);
    }
    RG_ASSUME(slot.address);
    rg_redzone_begin(slot.address, size, bin->slot_size);
    rg_block_record_alloc(slot.record, 0, size, family, origin);
    // The slot may hold an older block's bytes.
    return rg_unlikely(zero) ? memset(slot.address, 0, size) : slot.address;
}

#endif
