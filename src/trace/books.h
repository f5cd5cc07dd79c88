// SPDX-License-Identifier: MIT
// Which stacks and modules have been written to the trace.
#ifndef RG_TRACE_BOOKS_H
#define RG_TRACE_BOOKS_H

#include "base/compiler.h"
#include "stack/depot.h"
#include "trace/file.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

// A bit for each stack, set once its record has been written; NULL before the first step.
extern _Atomic uint64_t *rg_trace_written_stacks;

// At the start. False: no memory.
bool rg_trace_books_init(void);

// Whether an event may name the stack. No lock.
RG_INLINE bool rg_trace_knows_stack(uint32_t id) {
    return atomic_load_explicit(&rg_trace_written_stacks[id / 64], memory_order_acquire) >>
               (id % 64) &
           1;
}

// Writes the stack and those of its modules that are new, if it is new. With the TRACE lock held. False: *ret says why.
bool rg_trace_write_stack(uint32_t id, struct rg_trace_trouble *ret);

// In a forked child: nothing is in its file yet.
void rg_trace_books_after_fork(void);

#endif
