// SPDX-License-Identifier: MIT
// Spans: how a size class gets new slots. All functions run under the class's CLASS lock.
#ifndef RG_HEAP_SPAN_H
#define RG_HEAP_SPAN_H

#include "heap/bin.h"

// Memory of one size class. Small classes: `units` units of shared memory at `root`, seen through one
// view per slot of a unit. Slots are handed out piece by piece of the span, and within a piece view by
// view (slot 0 of each of its units, then slot 1, ...): few blocks need few mappings, and touch few
// pages. Page classes: one private view.
struct rg_span {
    struct rg_span *older;
    uintptr_t root; // 0 for page classes
    size_t units;
    bool is_huge; // gathered into huge pages
    // The next slot to hand out: of unit `unit`, in the piece that starts at `piece`, through views[index].
    size_t piece, unit;
    unsigned index;
    // One for each slot of a unit, of the latest generation; NULL until it is needed.
    struct rg_view *views[];
};

// How many units from the first on may have been touched.
size_t rg_span_touched(const struct rg_span *s);

struct rg_free_list {
    uintptr_t head;       // address of the block that was freed last, 0 when there is none
    _Atomic size_t count; // written under the lock, read anywhere
};

struct rg_bin {
    struct rg_free_list used; // free slots
    struct rg_free_list
        clean;             // page classes: those that have no memory of their own and read as zero
    struct rg_span *span;  // the newest; only this one has unused slots
    struct rg_view *views; // newest first, without those that were dropped
    size_t dropped;        // retired views taken off the list
    struct rg_view *ripe;  // views worth a new generation
    size_t generations;    // opened since the newest span was added
};

// The next unused slot of the newest span. False: used up, or a view could not be mapped.
bool rg_span_take(struct rg_bin *bin, unsigned c, struct rg_slot *ret_slot);

// Adds a span. False: no memory.
bool rg_span_grow(struct rg_bin *bin, unsigned c);

// Maps one more view over a span's root and makes it the latest of its index, which is kept at newest.
// False, and nothing is changed: no memory or mappings.
bool rg_span_open_view(struct rg_bin *bin, unsigned c, uintptr_t root, size_t units, unsigned index,
                       struct rg_view **newest);

#endif
