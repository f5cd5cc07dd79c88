// SPDX-License-Identifier: MIT
// See tcache.h.
#include "heap/tcache.h"

#include "base/arena.h"

#include <string.h>

struct rg_tcache *rg_tcache_create(void) {
    return rg_arena_alloc(sizeof(struct rg_tcache));
}

unsigned rg_tcache_refill(struct rg_tcache *t, unsigned c, struct rg_slot *ret_slot) {
    if (!t || !rg_tcache_keeps(c)) {
        return (unsigned)rg_bin_take(c, ret_slot, 1);
    }
    struct rg_tcache_bin *bin = &t->bins[c];
    unsigned most = rg_tcache_capacity(c) / 2;
    unsigned want = bin->batch ? bin->batch : 1;
    bin->batch = (uint16_t)(want * 2 < most ? want * 2 : most);
    size_t n = rg_bin_take(c, bin->slots, want);
    if (n == 0) {
        return 0;
    }
    // The bin hands slots out in address order; the cache pops from its end.
    *ret_slot = bin->slots[0];
    bin->count = (uint16_t)(n - 1);
    for (size_t i = 0, j = n - 1; i < j; i++, j--) {
        struct rg_slot s = bin->slots[i];
        bin->slots[i] = bin->slots[j];
        bin->slots[j] = s;
    }
    return (unsigned)n;
}

void rg_tcache_give_slow(struct rg_tcache *t, unsigned c, struct rg_slot slot) {
    if (!t || !rg_tcache_keeps(c)) {
        rg_bin_give(c, &slot, 1);
        return;
    }
    // Full: the older half goes back, the most recently freed stay.
    struct rg_tcache_bin *bin = &t->bins[c];
    unsigned half = bin->count / 2;
    rg_bin_give(c, bin->slots, half);
    bin->count = (uint16_t)(bin->count - half);
    memmove(bin->slots, bin->slots + half, bin->count * sizeof bin->slots[0]);
    bin->slots[bin->count++] = slot;
}

void rg_tcache_flush(struct rg_tcache *t) {
    for (unsigned c = 0; c < RG_BINS; c++) {
        if (t->bins[c].count > 0) {
            rg_bin_give(c, t->bins[c].slots, t->bins[c].count);
            t->bins[c].count = 0;
        }
    }
}
