// SPDX-License-Identifier: MIT
// Blocks that were lost when their realloc failed: the result, NULL, has overwritten the only pointer to them, or nobody has
// kept one. Failed calls are remembered, and looked at when the process ends.
//
// Told is only what is sure. At the call something must have held the pointer, other than a register or a saved one that
// may be those of a function which goes on to the end (an optimizing compiler keeps no pointer that is not used any more,
// be it overwritten or not, so both look alike there); and at the end nothing holds it.
#ifndef RG_FRONT_LOST_H
#define RG_FRONT_LOST_H

#include "base/compiler.h"
#include "stack/walk.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether a realloc that failed is remembered.
extern _Atomic bool rg_lost_is_pending;

// realloc of the block at p to so many bytes has failed; stack: of the call. Not with a lock held, nor inside the heap.
RG_COLD void rg_lost_note(const void *p, size_t wanted, uint32_t stack,
                          const struct rg_caller *caller);

// The process is about to end, by a function with that caller: reports what is lost, and forgets all calls.
RG_COLD void rg_lost_check(const struct rg_caller *caller);

// The same where main has returned, to the caller of this. What is in frames that have been left is still there.
RG_COLD void rg_lost_check_after_main(void);

// In a forked child: what the parent has lost is the parent's.
void rg_lost_after_fork(void);

#endif
