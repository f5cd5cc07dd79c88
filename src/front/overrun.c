// SPDX-License-Identifier: MIT
// See overrun.h. State: where blocks were allocated that have been told. Each is told once, by a process or those that
// it forked from: a child does not answer for what its parent has written.
#include "front/overrun.h"

#include "front/fault.h"
#include "heap/heap.h"

#include <stdatomic.h>

enum { TOLD_MAX = 256 };
static _Atomic uint32_t told[TOLD_MAX]; // stacks; 0: free place

// Whether it is for the caller to tell.
static bool is_new(uint32_t stack) {
    for (size_t i = 0; i < TOLD_MAX; i++) {
        uint32_t found = 0;
        if (atomic_compare_exchange_strong(&told[i], &found, stack)) {
            return true;
        }
        if (found == stack) {
            return false;
        }
    }
    return false;
}

static void report(enum rg_operation operation, const struct rg_damage *damage) {
    if (!is_new(damage->block.alloc_stack)) {
        return;
    }
    struct rg_finding f = {.operation = operation,
                           .trouble = RG_TROUBLE_OVERRUN,
                           .address = damage->block.address,
                           .block = damage->block,
                           .damage_first = damage->first,
                           .damage_count = damage->count};
    rg_fault_report(&f);
}

static void report_at_fork(const struct rg_damage *damage) {
    report(RG_OP_FORK, damage);
}

static void report_at_exit(const struct rg_damage *damage) {
    report(RG_OP_EXIT, damage);
}

void rg_overrun_check(enum rg_operation operation) {
    rg_heap_check_all(operation == RG_OP_FORK ? report_at_fork : report_at_exit);
}
