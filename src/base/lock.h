// SPDX-License-Identifier: MIT
// Ranked locks over futex. All of them live in one table built from locks.def, so that fork can take
// them all and debug builds can check the order. Zero-filled means unlocked.
//
// Why not pthread mutexes: a lock is taken inside malloc before the C library is set up, must survive
// fork by plain re-initialisation in the child, and must not be interposed.
#ifndef RG_BASE_LOCK_H
#define RG_BASE_LOCK_H

#include "base/compiler.h"

#include <stdbool.h>

enum rg_lock_id {
#define RG_LOCK(name, count, what)                                                                 \
    RG_LOCK_##name, RG_LOCK_##name##_LAST = RG_LOCK_##name + (count)-1,
#include "base/locks.def"
#undef RG_LOCK
    RG_LOCK_COUNT
};

// Blocks until the lock is free. Not recursive. errno untouched. While a thread holds any lock, signals
// other than faults are blocked in it: a handler that forks must find none of its own thread's locks held.
void rg_lock(enum rg_lock_id id);
// Takes the lock only if it is free at once.
bool rg_lock_try(enum rg_lock_id id);
void rg_unlock(enum rg_lock_id id);

// Whether the calling thread holds any lock, apart from all of them for fork, when code of the program's may
// run.
bool rg_lock_is_holding(void);

// fork: take every lock in order; give every lock back; make every lock free in the child, where only
// the forking thread is left. In between, rg_lock and rg_unlock do nothing in the thread that holds them
// all: fork handlers of the program may run while it does, and allocate. Locks that this thread held
// already (fork in a signal handler that interrupted the heap) are left as they are, for the interrupted
// code to give back, in the parent and in the child.
void rg_lock_all(void);
void rg_unlock_all(void);
void rg_lock_reset_all(void);
// In the child, at last: signals as they were before rg_lock_all. Apart from rg_lock_reset_all, which may
// run in a fault handler, where the mask is not its to set.
void rg_lock_unmask(void);

#endif
