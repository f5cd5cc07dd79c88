// SPDX-License-Identifier: MIT
// See trace_live.h.
#include "trace_live.h"

#include "need.h"

#include <stdlib.h>

static size_t home_of(const struct rg_trace_live *l, uint64_t address) {
    return (size_t)((address >> 4) * 0x9e3779b97f4a7c15U >> l->shift);
}

// The place of the address, or the free one where it belongs.
static struct rg_trace_block *place_of(const struct rg_trace_live *l, uint64_t address) {
    size_t at = home_of(l, address);
    while (l->places[at].address && l->places[at].address != address) {
        at = (at + 1) & (l->cap - 1);
    }
    return &l->places[at];
}

static void grow(struct rg_trace_live *l) {
    const struct rg_trace_live old = *l;
    l->cap = old.cap ? 2 * old.cap : 1024;
    l->shift = old.cap ? old.shift - 1 : 64 - 10;
    l->places = rg_need(l->cap * sizeof *l->places);
    for (size_t i = 0; i < old.cap; i++) {
        if (old.places[i].address) {
            *place_of(l, old.places[i].address) = old.places[i];
        }
    }
    free(old.places);
}

struct rg_trace_block *rg_trace_live_find(const struct rg_trace_live *l, uint64_t address) {
    struct rg_trace_block *b = l->cap ? place_of(l, address) : NULL;
    return b && b->address ? b : NULL;
}

void rg_trace_live_put(struct rg_trace_live *l, const struct rg_trace_block *b) {
    if (3 * (l->count + 1) > 2 * l->cap) {
        grow(l);
    }
    *place_of(l, b->address) = *b;
    l->count++;
}

void rg_trace_live_remove(struct rg_trace_live *l, struct rg_trace_block *b) {
    const size_t mask = l->cap - 1;
    size_t hole = (size_t)(b - l->places);
    // Those behind it that would not be found any more move up.
    for (size_t at = (hole + 1) & mask; l->places[at].address; at = (at + 1) & mask) {
        const size_t home = home_of(l, l->places[at].address);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            l->places[hole] = l->places[at];
            hole = at;
        }
    }
    l->places[hole].address = 0;
    l->count--;
}
