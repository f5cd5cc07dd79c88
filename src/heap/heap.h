// SPDX-License-Identifier: MIT
// The heap's facade: allocate, free, move, and look an address up. Prints nothing, sets no errno,
// knows nothing of threads or stacks but the numbers it is given. Safe to call from any thread.
#ifndef RG_HEAP_HEAP_H
#define RG_HEAP_HEAP_H

#include "heap/block.h"
#include "heap/redzone.h"
#include "heap/tcache.h"
#include "heap/view.h"

// What an address turned out to be. Everything but OK leaves the heap as it was.
enum rg_status {
    RG_OK,
    RG_NO_MEMORY,
    RG_FOREIGN,  // never handed out by this heap
    RG_INTERIOR, // inside a unit of ours, but not where a block starts; or a start never used
    RG_ALREADY_FREE,
    RG_STALE,       // realloc has moved or released it
    RG_IN_PROGRESS, // another thread is in realloc with it at this moment
    RG_DAMAGED,     // done as for RG_OK; and something had written past the block's end: rg_damage
};

// Allocates size bytes (at most PTRDIFF_MAX) at a multiple of align (a power of two), zero-filled when
// `zero` is set. NULL when there is no memory. t: the thread's cache, or NULL.
void *rg_heap_alloc(struct rg_tcache *t, size_t size, size_t align, enum rg_family family,
                    bool zero, struct rg_origin origin);

// What is known of p is going to be needed. Any value may be given.
RG_INLINE void rg_heap_prefetch(const void *p) {
    const struct rg_view *v = rg_view_find((uintptr_t)p);
    if (rg_likely(v != NULL)) {
        __builtin_prefetch(rg_view_record_of(v, rg_view_unit(v, (uintptr_t)p)), 1);
    }
}

// A block, in whatever state.
struct rg_found {
    struct rg_view *view;
    struct rg_block *block;
};

// RG_OK: a block starts at p. Any value may be given.
RG_INLINE enum rg_status rg_heap_find(const void *p, struct rg_found *ret) {
    struct rg_view *v = rg_view_find((uintptr_t)p);
    if (rg_unlikely(!v)) {
        return RG_FOREIGN;
    }
    size_t unit = rg_view_unit(v, (uintptr_t)p);
    if (rg_unlikely(!rg_view_starts(v, unit, (uintptr_t)p))) {
        return RG_INTERIOR;
    }
    *ret = (struct rg_found){v, rg_view_record_of(v, unit)};
    return RG_OK;
}

// Frees the block that was found to start at p.
enum rg_status rg_heap_free_found(struct rg_tcache *t, struct rg_found found, void *p,
                                  struct rg_origin origin);

struct rg_resize {
    size_t size;  // wanted, at most PTRDIFF_MAX
    bool move;    // move even where the block would fit
    bool release; // realloc(p, 0): end the block, seal its address, allocate nothing
    bool by_free; // the same for free
    bool fail;    // answer RG_NO_MEMORY as if there were none; `move` is to be set, too
    struct rg_origin origin;
    size_t ret_old_size;  // set on RG_OK, and on RG_NO_MEMORY
    bool ret_was_damaged; // something had written past the block's end: rg_damage
    bool ret_fitted;      // set where the block has moved: it would have fitted where it was
    // Set on RG_OK: the size class that the block has outgrown, or was moved from, RG_NO_CLASS where it was
    // neither, and the stack that allocated it there. For mobility.h.
    unsigned ret_moved_class;
    uint32_t ret_alloc_stack;
};

// realloc of the block that starts at p (not NULL). On RG_OK *ret_new is the block's address, and the
// old one, where it differs, is sealed. On RG_NO_MEMORY p is as before.
enum rg_status rg_heap_resize(struct rg_tcache *t, void *p, struct rg_resize *how, void **ret_new);

// Frees the block that starts at p (not NULL), and seals its address for ever.
enum rg_status rg_heap_free_sealed(struct rg_tcache *t, void *p, struct rg_origin origin);

// In a forked child: gives up a move of the block at p that a thread of the parent was making, and that
// nobody will end. The block is live where it was.
void rg_heap_end_move(void *p);

// What was found at the last call of this thread that says so.
extern _Thread_local struct rg_damage rg_damage RG_TLS_INITIAL_EXEC;

// Looks behind all live small blocks, and calls fn for each where something was written, up to a limit. Other threads may go on;
// those that want to end a block at that moment wait for it. Takes the CLASS locks and the LARGE lock; fn is called without.
void rg_heap_check_all(void (*fn)(const struct rg_damage *damage));

// Bytes of the view's slots.
size_t rg_heap_slot_bytes(const struct rg_view *v);
// Whether the pattern lies behind a block of that size there: small ones have it, edges of their size too.
bool rg_heap_has_redzone(const struct rg_view *v, size_t size);

// The requested size of the live block that starts at p.
enum rg_status rg_heap_size(const void *p, size_t *ret_size);

// Changes the family of the live block at p.
void rg_heap_set_family(void *p, enum rg_family family);

// What is known of the block that owns an address. No lock, async-signal-safe. False: the address was never ours,
// or no block was ever there.
bool rg_heap_describe(uintptr_t address, struct rg_block_facts *ret_facts);

// The same of the block at p, which this thread has claimed, as it was before that.
bool rg_heap_describe_live(const void *p, struct rg_block_facts *ret_facts);

// The same of where a MOVED block went. False: it has ended, and another one may live there. Of most that have ended
// tells `fate`; but there may have been no memory for that.
bool rg_heap_describe_next(const struct rg_block_facts *moved, struct rg_block_facts *ret_facts);

// The stack that allocated a block with this word of its record, or moved it where it is. As above.
uint32_t rg_heap_birth_stack(uint64_t birth);

// Calls fn for each live block: where it is, where the guard can read what is in it, and its size. No lock; what other
// threads do meanwhile may be missed.
void rg_heap_each_live(void (*fn)(uintptr_t block, uintptr_t memory, size_t size, void *arg),
                       void *arg);

// Whether an access to address is a misuse: its unit was vacated by realloc, or its block was freed and it is
// inaccessible since nothing lived in its view any more, or it lies behind all memory of a live block.
bool rg_heap_is_stale(uintptr_t address);

// Bytes from address on to where the memory of the live edge there ends; 0: there is none.
size_t rg_heap_bytes_to_edge(uintptr_t address);

// What a word of a small block was when the block ended. False: it has not, or that is not known any more.
bool rg_heap_word_at_end(uintptr_t address, uintptr_t *ret_word);

// Copies what a vacated page held, as far as that is still known, to dst (zero-filled, one page).
void rg_heap_old_contents(uintptr_t page_address, void *dst);

// A scratch page is about to lie in the view of this address: nothing is mapped over it until it is taken away
// again.
void rg_heap_pin_view(uintptr_t address);

// Takes a scratch page away: the page is sealed memory again, and what was written to it is lost. Takes the
// CLASS lock.
void rg_heap_reseal_page(uintptr_t page_address);

// fork: copy what is in use into the snapshot; map all views anew in the child, leaving out the pages
// for which skip answers true. With every lock held.
void rg_heap_fork_copy(void);
void rg_heap_fork_restore(bool (*skip)(uintptr_t page_address));

struct rg_heap_stats {
    size_t moves;    // blocks moved by realloc
    size_t forced;   // of those, where the block would have fitted
    size_t in_place; // reallocs that left the block where it was
};
struct rg_heap_stats rg_heap_stats(void);

// Whether all invariants hold.
bool rg_heap_is_valid(void);

#endif
