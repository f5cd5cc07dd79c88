// SPDX-License-Identifier: MIT
// See tcache.h.
#include "heap/tcache.h"

#include "base/arena.h"

#include <string.h>

struct rg_tcache *rg_tcache_create(void) {
    return rg_arena_alloc(sizeof(struct rg_tcache));
}

static uint32_t capacity_of(unsigned c) {
    uint32_t size = rg_size_classes[c].slot_size;
    return size <= 128    ? 128
           : size <= 256  ? 64
           : size <= 512  ? 32
           : size <= 1024 ? 16
           : size <= 4096 ? 8
                          : 4;
}

// The cache's part for the class; NULL where there is none.
static struct rg_tcache_bin *get_bin(struct rg_tcache *t, unsigned c) {
    if (!t || !rg_tcache_keeps(c)) {
        return NULL;
    }
    struct rg_tcache_bin *bin = &t->bins[c];
    if (!bin->slots) {
        bin->slots = rg_arena_alloc(capacity_of(c) * sizeof bin->slots[0]);
        bin->capacity = bin->slots ? capacity_of(c) : 0;
        bin->slot_size = rg_size_classes[c].slot_size;
    }
    return bin->slots ? bin : NULL;
}

static void return_vacated(struct rg_tcache_bin *bin, unsigned c) {
    if (bin->vacated_count > 0) {
        rg_bin_vacate(c, bin->vacated, bin->vacated_count);
        bin->vacated_count = 0;
    }
}

void rg_tcache_vacate(struct rg_tcache *t, unsigned c, struct rg_slot slot) {
    struct rg_tcache_bin *bin = get_bin(t, c);
    if (bin && !bin->vacated) {
        bin->vacated = rg_arena_alloc(RG_TCACHE_VACATED * sizeof slot);
    }
    if (!bin || !bin->vacated) {
        rg_bin_vacate(c, &slot, 1);
        return;
    }
    // First: a stack overflow on the way, out of which the program jumps, must leave room for the next one.
    if (bin->vacated_count == RG_TCACHE_VACATED) {
        return_vacated(bin, c);
    }
    bin->vacated[bin->vacated_count++] = slot;
}

// Fresh blocks of one page will be written to soon, in nearly every page of theirs. Of larger ones that cannot be
// said.
static void populate(unsigned c, const struct rg_slot *slots, size_t n) {
    uintptr_t first = (uintptr_t)slots[0].address, last = (uintptr_t)slots[n - 1].address;
    uint64_t head = atomic_load_explicit(&slots[0].record->head, memory_order_relaxed);
    bool is_run = last - first == (n - 1) * RG_PAGE_SIZE;
    if (c == RG_SMALL_CLASSES && n > 1 && is_run && !rg_head_was_used(head)) {
        rg_vmem_populate(first, n * RG_PAGE_SIZE);
    }
}

unsigned rg_tcache_refill(struct rg_tcache *t, unsigned c, struct rg_slot *ret_slot) {
    struct rg_tcache_bin *bin = get_bin(t, c);
    if (!bin) {
        return (unsigned)rg_bin_take(c, ret_slot, 1);
    }
    return_vacated(bin, c);
    unsigned most = bin->capacity / 2;
    unsigned want = bin->batch ? bin->batch : 1;
    bin->batch = (uint16_t)(want * 2 < most ? want * 2 : most);
    size_t n = rg_bin_take(c, bin->slots, want);
    if (n == 0) {
        return 0;
    }
    populate(c, bin->slots, n);
    // The bin hands slots out in address order; the cache pops from its end.
    *ret_slot = bin->slots[0];
    bin->count = (uint32_t)n - 1;
    for (size_t i = 0, j = n - 1; i < j; i++, j--) {
        struct rg_slot s = bin->slots[i];
        bin->slots[i] = bin->slots[j];
        bin->slots[j] = s;
    }
    return (unsigned)n;
}

void rg_tcache_give_slow(struct rg_tcache *t, unsigned c, struct rg_slot slot) {
    struct rg_tcache_bin *bin = get_bin(t, c);
    if (!bin) {
        rg_bin_give(c, &slot, 1);
        return;
    }
    if (bin->count == bin->capacity) {
        // The older half goes back, the most recently freed stay.
        unsigned half = bin->count / 2;
        rg_bin_give(c, bin->slots, half);
        bin->count -= half;
        memmove(bin->slots, bin->slots + half, bin->count * sizeof bin->slots[0]);
    }
    bin->slots[bin->count++] = slot;
}

void rg_tcache_flush(struct rg_tcache *t) {
    for (unsigned c = 0; c < RG_BINS; c++) {
        return_vacated(&t->bins[c], c);
        if (t->bins[c].count > 0) {
            rg_bin_give(c, t->bins[c].slots, t->bins[c].count);
            t->bins[c].count = 0;
        }
    }
}
