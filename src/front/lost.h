// SPDX-License-Identifier: MIT
// Blocks that were lost when their realloc failed: the result, NULL, has overwritten the only pointer to them, or nobody has
// kept one. Failed calls are remembered, and looked at when the process ends.
//
// Told is only what is sure, and an optimizing compiler keeps no pointer that is not used any more, be it lost or not. So
// that nothing points to the block at the end is not enough. The result must have been stored over the only word that held
// the pointer at the call (a variable, of a function too), or one of several in memory outside of stacks must be NULL at
// the end. What a function has held that returned without having freed it may have been its result, which its caller has
// used and forgotten: nothing is said of that.
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

// The process goes on, and asks: reports what is lost so far, and forgets that. Returns how many blocks, or -1 where it
// cannot be told: other threads are alive, /proc cannot be read, a signal waits, or the caller is a handler that has
// interrupted the heap. others: the registers that a function may change, rax first, where the caller has not called by
// itself; or NULL. errno is kept.
enum { RG_LOST_REGISTERS = 9 };
RG_COLD int rg_lost_find(const struct rg_caller *caller, const uintptr_t others[RG_LOST_REGISTERS]);

// The same as rg_lost_check where main has returned, to the caller of this. What is in frames that have been left is still there.
RG_COLD void rg_lost_check_after_main(void);

// In a forked child: what the parent has lost is the parent's.
void rg_lost_after_fork(void);

#endif
