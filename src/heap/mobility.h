// SPDX-License-Identifier: MIT
// Which blocks are likely to be moved by realloc: learnt for each size class of each call site, from how
// many blocks it allocates and how many of them are moved. A seal costs the 2 MiB around it their huge
// page, so blocks that move are kept apart from those that stay.
//
// Lock-free, async-signal-safe; threads that note something at the same time may lose a count. Sites and
// classes that share an entry share what is learnt. Inherited by fork as it is.
#ifndef RG_HEAP_MOBILITY_H
#define RG_HEAP_MOBILITY_H

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { RG_MOBILITY_ENTRIES = 1 << 13 };

extern _Atomic uint8_t rg_mobility_verdict[RG_MOBILITY_ENTRIES];

RG_INLINE unsigned rg_mobility_entry(uint16_t site, unsigned size_class) {
    return (site + size_class * 2971u) % RG_MOBILITY_ENTRIES;
}

// What a block of the class from that site is likely to do.
enum rg_mobility {
    RG_MOBILITY_STAYS,
    RG_MOBILITY_MAY_MOVE, // worth keeping apart
    RG_MOBILITY_MOVES,    // every other one and more: worth giving room to grow
};

RG_INLINE enum rg_mobility rg_mobility_expect(uint16_t site, unsigned size_class) {
    return (enum rg_mobility)atomic_load_explicit(
        &rg_mobility_verdict[rg_mobility_entry(site, size_class)], memory_order_relaxed);
}

// The site allocates about `count` blocks of the class.
void rg_mobility_note_blocks(uint16_t site, unsigned size_class, unsigned count);
// One of them was moved.
void rg_mobility_note_move(uint16_t site, unsigned size_class);

#endif
