// SPDX-License-Identifier: MIT
// Blocks that are live when the process ends and that nothing leads to any more: no variable, stack, register or other
// memory of the program, nor a block that one of these leads to. Told for each place that has allocated such blocks, if the
// option leaks is set.
//
// Told is only what is sure: where something may hold a pointer that cannot be looked at (a thread that cannot be stopped, a
// message of the process to itself) nothing is, but a note says why.
#ifndef RG_FRONT_LEAKS_H
#define RG_FRONT_LEAKS_H

#include "base/compiler.h"
#include "stack/walk.h"

// The process is about to end, by a function with that caller: tells what is leaked, once. Where main has returned that is
// the caller of main's. Nothing happens where the option is not set.
void rg_leaks_check(const struct rg_caller *caller);

// The process goes on, and asks: as above. Returns how many blocks are leaked, directly or not, but those that are
// suppressed; or -1 where it cannot be told. others: as for rg_lost_find. errno is kept.
RG_COLD int rg_leaks_find(const struct rg_caller *caller, const uintptr_t *others);

// In a forked child: what the parent has allocated is the parent's.
void rg_leaks_after_fork(void);

#endif
