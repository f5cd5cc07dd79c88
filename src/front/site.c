// SPDX-License-Identifier: MIT
// See site.h. State: a word for each site, inherited by fork as it is.
#include "front/site.h"

#include "base/options.h"
#include "base/vmem.h"
#include "heap/size_class.h"
#include "stack/capture.h"

#include <stdatomic.h>

enum {
    STAGE_PAGES = 1024,
    SAMPLE_SHIFT = 6, // one call in 65 in the second stage
    LAST_STAGE = 10,
    LARGE_PAGES = 8, // to move a large block costs as much, since its pages are not copied
};

// Bits 0-15: calls to let pass before the next move; 16-31: pages moved.
static _Atomic uint32_t turns[RG_SITES];

static uint32_t pages_of(size_t size) {
    size_t pages = (size + RG_PAGE_SIZE - 1) / RG_PAGE_SIZE;
    return pages > RG_PAGES_MAX ? LARGE_PAGES : pages ? (uint32_t)pages : 1;
}

// One call in so many is an odd number, so that blocks which take turns are all moved.
static uint32_t calls_to_pass(uint32_t stage) {
    return stage == 0 ? 0 : 1U << (SAMPLE_SHIFT - 1 + stage);
}

_Static_assert((1U << (SAMPLE_SHIFT - 1 + LAST_STAGE)) <= UINT16_MAX &&
                   LAST_STAGE * STAGE_PAGES <= UINT16_MAX,
               "both fit their half of the word");

static bool wants_by_turn(uint16_t site, size_t size) {
    uint32_t turn = atomic_load_explicit(&turns[site], memory_order_relaxed);
    if ((turn & UINT16_MAX) > 0) {
        atomic_store_explicit(&turns[site], turn - 1, memory_order_relaxed);
        return false;
    }
    uint32_t moved = (turn >> 16) + pages_of(size);
    moved = moved < LAST_STAGE * STAGE_PAGES ? moved : LAST_STAGE * STAGE_PAGES;
    atomic_store_explicit(&turns[site], moved << 16 | calls_to_pass(moved / STAGE_PAGES),
                          memory_order_relaxed);
    return true;
}

bool rg_site_wants_move(uint16_t site, size_t size) {
    switch ((enum rg_move)rg_options.move) {
    case RG_MOVE_ALWAYS:
        return true;
    case RG_MOVE_ADAPTIVE:
        return wants_by_turn(site, size);
    case RG_MOVE_NATURAL:
        break;
    }
    return false;
}
