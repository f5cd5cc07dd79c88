// SPDX-License-Identifier: MIT
// See site.h. State: a count for each site, inherited by fork as it is.
#include "front/site.h"

#include "base/options.h"
#include "stack/capture.h"

#include <stdatomic.h>

enum { ALWAYS_CALLS = 1024, SAMPLE_CALLS = 64 };

// Calls of realloc, up to ALWAYS_CALLS; from there on it goes round within SAMPLE_CALLS.
static _Atomic uint16_t calls[RG_SITES];

static bool wants_by_turn(uint16_t site) {
    uint16_t n = atomic_load_explicit(&calls[site], memory_order_relaxed);
    uint16_t after = n + 1 == ALWAYS_CALLS + SAMPLE_CALLS ? ALWAYS_CALLS : n + 1;
    atomic_store_explicit(&calls[site], after, memory_order_relaxed);
    return n <= ALWAYS_CALLS;
}

bool rg_site_wants_move(uint16_t site) {
    switch ((enum rg_move)rg_options.move) {
    case RG_MOVE_ALWAYS:
        return true;
    case RG_MOVE_ADAPTIVE:
        return wants_by_turn(site);
    case RG_MOVE_NATURAL:
        break;
    }
    return false;
}
