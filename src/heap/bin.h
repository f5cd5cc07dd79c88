// SPDX-License-Identifier: MIT
// Bins: the shared stock of one size class each. Thread caches take slots from here in batches and
// give them back; only here are spans grown, views opened and new generations begun.
//
// Locking: every function takes the CLASS lock of its class for the whole of its work, unless it says otherwise;
// mapping calls happen under it (they are amortised over a span). The seal's own system call happens outside.
#ifndef RG_HEAP_BIN_H
#define RG_HEAP_BIN_H

#include "heap/size_class.h"
#include "heap/view.h"

// A slot that may be handed out: its address and the record for it.
struct rg_slot {
    void *address;
    struct rg_block *record;
};

// Takes up to `want` slots of the class; returns how many, 0 when there is no memory.
size_t rg_bin_take(unsigned c, struct rg_slot *ret_slots, size_t want);

// Gives back slots whose records are FREE or UNUSED.
void rg_bin_give(unsigned c, const struct rg_slot *slots, size_t count);

// Bytes in the free lists of the class, about (read without the lock).
size_t rg_bin_free_bytes(unsigned c);
// The same of those that may be backed by memory.
size_t rg_bin_kept_bytes(unsigned c);

// Drops the memory of the half of the free slots of a page class that were freed first. Not under the lock: dropped
// slots are in no list meanwhile.
void rg_bin_drop_half(unsigned c);

// Blocks at these addresses of the class have been moved and their units are sealed: their physical slots
// become usable again through the latest generation of their views, and a view that is done for becomes a
// reservation.
void rg_bin_vacate(unsigned c, const struct rg_slot *slots, size_t count);

// The last scratch page is gone from the view: had it been done for before, it becomes a reservation now.
// Async-signal-safe.
void rg_bin_unpin(struct rg_view *v);

// Calls fn for every view of every class, oldest last. Without locks: for fork (which holds them) and
// for checks in tests.
void rg_bin_each_view(void (*fn)(struct rg_view *v, void *arg), void *arg);
// The same for the views of one class, under its lock.
void rg_bin_each_view_of(unsigned c, void (*fn)(struct rg_view *v, void *arg), void *arg);
// Takes retired views off the lists that rg_bin_each_view walks, so that its cost is that of the views in
// use. With every lock held.
void rg_bin_drop_retired(void);
// Calls fn for the part in use of each span's root memory. As above.
void rg_bin_each_root(void (*fn)(uintptr_t root, size_t bytes));

struct rg_bin_stats {
    size_t spans, views, retired; // views counts retired ones too
};
struct rg_bin_stats rg_bin_stats(void);

// Whether all invariants of the class hold; walks everything, under the lock.
bool rg_bin_is_valid(unsigned c);

#endif
