// SPDX-License-Identifier: MIT
// See reuse.h. Each byte that is dropped was freed once, and what is looked at to find it is a list for each class: the
// cost of a free is bounded whatever is live. Threads may trim at the same time: each drops what it has taken off a
// list.
#include "heap/reuse.h"

#include "heap/bin.h"
#include "heap/large.h"

struct rg_reuse rg_reuse;

// The class of pages of which most is kept, and how much.
static unsigned find_largest(size_t *ret_bytes) {
    unsigned largest = RG_SMALL_CLASSES;
    *ret_bytes = 0;
    for (unsigned c = RG_SMALL_CLASSES; c < RG_CLASSES; c++) {
        size_t bytes = rg_bin_kept_bytes(c);
        if (bytes > *ret_bytes) {
            *ret_bytes = bytes;
            largest = c;
        }
    }
    return largest;
}

void rg_reuse_trim(void) {
    size_t goal = rg_reuse_bound() / 8 * 7;
    while (atomic_load_explicit(&rg_reuse.kept, memory_order_relaxed) > goal) {
        size_t bytes;
        unsigned c = find_largest(&bytes);
        if (rg_large_kept_bytes() >= bytes) {
            if (!rg_large_drop_oldest()) {
                return;
            }
        } else {
            rg_bin_drop_half(c);
        }
    }
}
