// SPDX-License-Identifier: MIT
// See own_memory.h. State: a table of ranges that only grow; the kernel puts mappings below each other, so few are enough.
#include "base/own_memory.h"

#include <stdatomic.h>

enum { RANGES = 1024 };

// `to` is written last where the range is new, so that nobody sees one without an end.
static struct range { _Atomic uintptr_t from, to; } ranges[RANGES];
static _Atomic bool is_full;

void rg_own_memory_note(const void *p, size_t bytes) {
    const uintptr_t from = (uintptr_t)p, to = from + bytes;
    for (struct range *r = ranges; r < ranges + RANGES; r++) {
        uintptr_t none = 0, above = to, below = from;
        if (atomic_load(&r->to) != 0 && (atomic_compare_exchange_strong(&r->from, &above, from) ||
                                         atomic_compare_exchange_strong(&r->to, &below, to))) {
            return;
        }
        if (atomic_load(&r->from) == 0 && atomic_compare_exchange_strong(&r->from, &none, from)) {
            atomic_store(&r->to, to);
            return;
        }
    }
    atomic_store(&is_full, true);
}

bool rg_own_memory_is_known(void) {
    return !atomic_load(&is_full);
}

uintptr_t rg_own_memory_next(uintptr_t from, uintptr_t to, uintptr_t *ret_end) {
    uintptr_t first = to, end = to;
    for (const struct range *r = ranges; r < ranges + RANGES && atomic_load(&r->from) != 0; r++) {
        uintptr_t a = atomic_load(&r->from), b = atomic_load(&r->to);
        a = a > from ? a : from;
        if (a < b && a < first) {
            first = a;
            end = b;
        }
    }
    *ret_end = end;
    return first;
}
