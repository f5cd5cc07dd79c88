// SPDX-License-Identifier: MIT
// Views: ranges of addresses in which every block owns whole pages, and the map from any address to
// its view.
//
//  physical page P of a 1024-byte span        view 0        view 1        view 2        view 3
//  +--------+--------+--------+--------+      page P        page P        page P        page P
//  | slot 0 | slot 1 | slot 2 | slot 3 |      [A . . .]     [. B . .]     [. . C . ]    [. . . D]
//  |   A    |   B    |   C    |   D    |        |             sealed        |             |
//  +--------+--------+--------+--------+      A's pointer   B was moved   C's pointer   D's pointer
//
// A view is a linear mapping of a whole span; slot i of every unit is handed out only through view i.
// Once a block of view i has been moved its unit in that view is sealed, and its physical slot lives
// on through the view's latest generation. Only that one gets slots from then on, and the slots of freed
// blocks when their bin hands them out: an older one that no slot is left in is done for good. Page
// and large blocks have private memory and one view, without generations.
#ifndef RG_HEAP_VIEW_H
#define RG_HEAP_VIEW_H

#include "base/compiler.h"
#include "base/vmem.h"
#include "heap/block.h"

// The largest spans are of 8 MiB.
enum { RG_UNITS_MAX = (8 << 20) / RG_PAGE_SIZE };

enum rg_view_kind { RG_VIEW_SMALL, RG_VIEW_PAGES, RG_VIEW_LARGE };

struct rg_view {
    uintptr_t base;    // first address, on a granule
    size_t unit_bytes; // what one block owns of the view
    uint32_t unit_count;
    uint32_t unit_shift;  // log2(unit_bytes) where that is exact, else 0
    uint32_t slot_offset; // where in its unit a block starts
    uint16_t size_class;  // RG_NO_CLASS for a large block
    uint16_t index;       // which view of its span
    enum rg_view_kind kind;
    // SMALL: bytes of a slot, until the records are packed; else 0. All that a usual free has to know of the view.
    _Atomic uint32_t usual_slot;
    // [unit_count]; once they are packed others that are all zero, and what was read before that may be another view's
    // by then: history tells.
    _Atomic(struct rg_block *) records;
    // What is kept of them after that, NULL before. See history.h.
    _Atomic(struct rg_history *) history;
    uintptr_t
        root; // SMALL: the guard's own mapping of the same memory; LARGE: its side record (large.c)
    size_t reserved; // bytes of addresses from base on, of which some at the end may be nobody's
    // [unit_count]; NULL before one is known. Who writes to one counts itself in first, see rg_view_enter_fates.
    _Atomic(struct rg_block_fate *) fates;
    _Atomic uint32_t fate_writers;

    // Under the lock of the size class (LARGE for large blocks):
    uint32_t given; // SMALL: units whose slot went into circulation through this view
    uint32_t
        sealed; // units in a stale state, of which the bin has been told, or whose slot has a later address
    uint32_t vacated; // sealed units whose slot has no newer view yet
    bool retired;     // is a reservation
    bool ripe;        // in the class's list of views worth a new generation
    struct rg_view *next_ripe;
    struct rg_view *next_all; // all views of the class

    struct rg_view *next_packed; // under the RECORDS lock: later in the queue of packed views

    struct rg_view **newest;            // SMALL: the latest generation, one for all of them
    _Atomic(struct rg_view *) newer;    // the next generation, once there is one
    _Atomic bool has_stale;             // a unit is sealed, or about to be
    size_t first_mark, first_inherited; // of its units, see reach.h
    // Scratch pages inside; RG_VIEW_RETIRING; RG_VIEW_RETIRED and as many more as there are scratch pages
    // inside. See rg_view_retire.
    _Atomic int scratch;
};

enum { RG_VIEW_RETIRING = -1, RG_VIEW_RETIRED = -(1 << 30) };

RG_INLINE bool rg_view_is_retired(const struct rg_view *v) {
    return atomic_load(&v->scratch) < RG_VIEW_RETIRING;
}

// The part of the address -> view map that covers 4 GiB: one entry a granule.
struct rg_view_leaf {
    _Atomic(struct rg_view *) view[1 << (32 - RG_GRANULE_SHIFT)];
};

extern _Atomic(struct rg_view_leaf *) rg_view_leaves[1 << (47 - 32)];

// The view that holds an address, or NULL for an address that was never ours. Any value may be asked.
// Constant time, no lock: entries are published once, with release order, and never change.
RG_INLINE struct rg_view *rg_view_find(uintptr_t address) {
    if (rg_unlikely(address >> 47)) {
        return NULL;
    }
    struct rg_view_leaf *leaf =
        atomic_load_explicit(&rg_view_leaves[address >> 32], memory_order_acquire);
    if (rg_unlikely(!leaf)) {
        return NULL;
    }
    return atomic_load_explicit(&leaf->view[(uint32_t)address >> RG_GRANULE_SHIFT],
                                memory_order_acquire);
}

// Calls fn for each view, in the order of their addresses. No lock.
void rg_view_each(void (*fn)(struct rg_view *v, void *arg), void *arg);

// The record of a unit.
RG_INLINE struct rg_block *rg_view_record_of(const struct rg_view *v, size_t unit) {
    return atomic_load_explicit(&v->records, memory_order_acquire) + unit;
}

// Which unit of the view holds the address; unit_count or more for the slack behind the last one.
RG_INLINE size_t rg_view_unit(const struct rg_view *v, uintptr_t address) {
    size_t offset = address - v->base;
    return rg_likely(v->unit_shift) ? offset >> v->unit_shift : offset / v->unit_bytes;
}

RG_INLINE uintptr_t rg_view_block(const struct rg_view *v, size_t unit) {
    return v->base + unit * v->unit_bytes + v->slot_offset;
}

// Whether the block of a unit, which may be none, starts exactly at address.
RG_INLINE bool rg_view_starts(const struct rg_view *v, size_t unit, uintptr_t address) {
    return rg_likely(unit < v->unit_count && rg_view_block(v, unit) == address);
}

// The record of the block that starts exactly at address; NULL when none can start there.
RG_INLINE struct rg_block *rg_view_record(const struct rg_view *v, uintptr_t address) {
    size_t unit = rg_view_unit(v, address);
    return rg_view_starts(v, unit, address) ? rg_view_record_of(v, unit) : NULL;
}

// The record of the block that starts at address, for an address that is known to be one.
struct rg_block *rg_view_record_at(uintptr_t address);

// The block that owns this page: where it starts, or would. 0 for no page of a view.
uintptr_t rg_view_block_at(uintptr_t page);

// The fates of the view's units, to be written until rg_view_leave_fates. NULL: its records have been packed, or there
// is no memory. Takes the RECORDS lock.
struct rg_block_fate *rg_view_enter_fates(struct rg_view *v);
void rg_view_leave_fates(struct rg_view *v);

// Gives the memory of the view's records back, which have been packed: `history` is set. With the RECORDS lock held.
void rg_view_give_records(struct rg_view *v);

// A new view with reserved addresses and zero-filled records, not mapped yet and not in the map; NULL
// when there is no memory. align: of its base, at least a granule.
struct rg_view *rg_view_create(enum rg_view_kind kind, unsigned size_class, size_t unit_bytes,
                               size_t unit_count, size_t align);
// Enters the view into the map. False: no memory.
bool rg_view_publish(struct rg_view *v);

// Turns a view in which nothing lives, and nothing ever will, into a reservation. False: scratch pages
// lie in it, or there is no mapping left for it.
bool rg_view_retire(struct rg_view *v);

// The view of a large block has become a reservation by being sealed.
void rg_view_note_retired(struct rg_view *v);

// Gives back the page tables around a view that has been retired, as far as all that they serve has been.
// Takes the RECORDS lock.
void rg_view_drop_tables(const struct rg_view *v);

#endif
