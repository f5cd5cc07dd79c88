// SPDX-License-Identifier: MIT
// Faults in the guard's own code. They are its bugs, not the program's, and must say so: a crash that looks
// like the program's sends a person looking in the wrong place, and a lock that died with its owner would
// leave the others waiting for ever. Nothing here takes a lock.
#ifndef RG_FRONT_CRASH_H
#define RG_FRONT_CRASH_H

#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

// From now on the guard's internal errors tell the stack: functions as far as they are exported, module
// and offset.
void rg_crash_init(void);

// Whether the fault comes of the guard's work on its own behalf: its code inside the heap, or any code while
// it holds a lock. There nothing of the program's is touched but its stack, which may run out. What the
// C library copies for realloc is the program's.
bool rg_crash_is_own(const siginfo_t *info, const ucontext_t *context);

// Whether the stack has run out.
bool rg_crash_is_stack(const siginfo_t *info, const ucontext_t *context);

#endif
