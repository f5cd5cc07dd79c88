// SPDX-License-Identifier: MIT
// See place.h. No state of its own.
#include "heap/place.h"

#include "heap/large.h"
#include "heap/mobility.h"
#include "heap/redzone.h"

#include <string.h>

static void clear(const struct rg_slot *slot, unsigned c, size_t size) {
    // A small slot may hold an older block's bytes even where this address is new; a page slot that
    // was never used, or was purged, reads as zero.
    uint64_t head = atomic_load_explicit(&slot->record->head, memory_order_relaxed);
    if (rg_size_class_is_small(c) || rg_head_was_used(head)) {
        memset(slot->address, 0, size);
    }
}

// Less than what a move leaves behind for ever, or half as much again.
size_t rg_place_roomy(size_t size) {
    size_t more = size * 3 < 128 ? size * 3 : 128;
    more = more > size / 2 ? more : size / 2;
    return size + more <= (size_t)RG_PAGES_MAX * RG_PAGE_SIZE ? size + more : size;
}

static unsigned choose_bin(unsigned c, enum rg_mobility expected, bool may_be_roomy) {
    if (rg_likely(expected == RG_MOBILITY_STAYS)) {
        return c;
    }
    if (expected == RG_MOBILITY_MOVES && may_be_roomy) {
        unsigned larger = rg_size_class_for(rg_place_roomy(rg_size_classes[c].slot_size), 1);
        c = larger < RG_SMALL_CLASSES ? larger : c;
    }
    return RG_CLASSES + c;
}

// A slot of class c, from the bin for blocks that stay or from that for those that move. What the block will do is
// known of its own class, which is a smaller one where c gives it room.
static bool take_classed(struct rg_tcache *t, unsigned c, unsigned own, uint16_t site,
                         bool may_be_roomy, struct rg_slot *ret_slot) {
    unsigned bin = c;
    if (c < RG_SMALL_CLASSES) {
        bin = choose_bin(c, rg_mobility_expect(site, own), may_be_roomy);
    }
    if (rg_likely(rg_tcache_take(t, bin, ret_slot))) {
        return true;
    }
    unsigned got = rg_tcache_refill(t, bin, ret_slot);
    if (rg_unlikely(got == 0 && bin != c)) {
        got = rg_tcache_take(t, c, ret_slot) ? 1 : rg_tcache_refill(t, c, ret_slot);
    }
    // Whoever empties a cache stands for all that took from it.
    if (c < RG_SMALL_CLASSES) {
        rg_mobility_note_blocks(site, own, got);
    }
    return got > 0;
}

bool rg_place_take(struct rg_tcache *t, const struct rg_want *want, struct rg_slot *ret_slot) {
    size_t size = want->size + rg_redzone_wanted, align = want->align;
    size_t own_size = want->own_size + rg_redzone_wanted;
    unsigned c = rg_size_class_for(size, align);
    if (rg_likely(c != RG_NO_CLASS)) {
        unsigned own = rg_likely(size == own_size) ? c : rg_size_class_for(own_size, 1);
        // A larger slot may be aligned to less.
        bool may_be_roomy = want->may_be_roomy && align <= 16;
        while (rg_unlikely(!take_classed(t, c, own, want->site, may_be_roomy, ret_slot))) {
            // The mappings ran out for a small class: a page of its own may still be had.
            if (c >= RG_SMALL_CLASSES || size > RG_PAGE_SIZE) {
                return false;
            }
            c = own = RG_SMALL_CLASSES;
        }
        if (want->zero) {
            clear(ret_slot, c, size);
        }
        return true;
    }
    bool zeroed;
    if (!rg_large_take(size, align, ret_slot, &zeroed)) {
        return false;
    }
    if (want->zero && !zeroed) {
        rg_vmem_purge((uintptr_t)ret_slot->address, rg_align_up(size, RG_PAGE_SIZE));
    }
    return true;
}
