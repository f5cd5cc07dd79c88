// SPDX-License-Identifier: MIT
// See mobility.h. State: the tables.
#include "heap/mobility.h"

_Atomic uint8_t rg_mobility_verdict[RG_MOBILITY_ENTRIES];

static struct { _Atomic uint16_t blocks, moves; } seen[RG_MOBILITY_ENTRIES];

enum {
    LEAST_MOVES = 2,
    // One block in so many moves: then the huge pages that seals cost are worth more than what is lost
    // without any.
    RARE = 8,
    FORGET_AT = 1 << 14, // blocks; both counts are halved, so that what is old counts less
};

static void judge(unsigned entry) {
    unsigned blocks = atomic_load_explicit(&seen[entry].blocks, memory_order_relaxed);
    unsigned moves = atomic_load_explicit(&seen[entry].moves, memory_order_relaxed);
    if (blocks >= FORGET_AT || moves >= FORGET_AT) {
        atomic_store_explicit(&seen[entry].blocks, (uint16_t)(blocks / 2), memory_order_relaxed);
        atomic_store_explicit(&seen[entry].moves, (uint16_t)(moves / 2), memory_order_relaxed);
    }
    enum rg_mobility verdict = moves < LEAST_MOVES || moves * RARE < blocks ? RG_MOBILITY_STAYS
                               : moves * 2 < blocks                         ? RG_MOBILITY_MAY_MOVE
                                                                            : RG_MOBILITY_MOVES;
    atomic_store_explicit(&rg_mobility_verdict[entry], (uint8_t)verdict, memory_order_relaxed);
}

void rg_mobility_note_blocks(uint16_t site, unsigned size_class, unsigned count) {
    unsigned entry = rg_mobility_entry(site, size_class);
    atomic_fetch_add_explicit(&seen[entry].blocks, (uint16_t)count, memory_order_relaxed);
    judge(entry);
}

void rg_mobility_note_move(uint16_t site, unsigned size_class) {
    unsigned entry = rg_mobility_entry(site, size_class);
    atomic_fetch_add_explicit(&seen[entry].moves, 1, memory_order_relaxed);
    judge(entry);
}
