// SPDX-License-Identifier: MIT
// Calls of the malloc family with a pointer that is no live block: the report, and what the program gets
// to go on with. No state; everything runs outside the heap.
#include "front/fault.h"
#include "front/malloc.h"
#include "front/scratch.h"
#include "front/thread.h"
#include "heap/heap.h"

#include <errno.h>

static void report_call(struct rg_finding f, struct rg_caller caller) {
    struct rg_stay stay = rg_thread_enter();
    if (stay.data) {
        f.pc_count = rg_walk(&stay.data->capture.walker, &caller, f.pcs, RG_STACK_DEPTH_MAX);
    } else {
        f.pcs[f.pc_count++] = caller.pc;
    }
    rg_thread_leave(stay);
    rg_fault_report(&f);
}

void rg_misuse(enum rg_operation operation, const void *p, enum rg_trouble trouble,
               struct rg_caller caller) {
    report_call(
        (struct rg_finding){.operation = operation, .trouble = trouble, .address = (uintptr_t)p},
        caller);
}

void rg_misuse_size(const void *p, size_t size, size_t times, struct rg_caller caller) {
    report_call((struct rg_finding){.operation = RG_OP_REALLOC,
                                    .trouble = RG_TROUBLE_SIZE,
                                    .address = (uintptr_t)p,
                                    .wanted = size,
                                    .times = times},
                caller);
}

void rg_misuse_sized(enum rg_operation operation, const void *p, size_t size,
                     struct rg_caller caller) {
    report_call((struct rg_finding){.operation = operation,
                                    .trouble = RG_TROUBLE_SIZED,
                                    .address = (uintptr_t)p,
                                    .wanted = size},
                caller);
}

void rg_misuse_damage(enum rg_operation operation, struct rg_caller caller) {
    report_call((struct rg_finding){.operation = operation,
                                    .trouble = RG_TROUBLE_OVERRUN,
                                    .address = rg_damage.block.address,
                                    .block = rg_damage.block,
                                    .damage_first = rg_damage.first,
                                    .damage_count = rg_damage.count},
                caller);
}

void *rg_misuse_replace(void *p, size_t size, struct rg_caller caller) {
    struct rg_block_facts facts;
    void *new_p = rg_allocate_by(size, 16, RG_FAMILY_MALLOC, true, RG_TRACE_BY_REALLOC, &caller);
    if (new_p && rg_heap_describe((uintptr_t)p, &facts) && rg_state_is_stale(facts.state)) {
        rg_scratch_read((uintptr_t)p, new_p, facts.size < size ? facts.size : size);
    }
    return new_p;
}
