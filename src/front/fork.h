// SPDX-License-Identifier: MIT
// fork. The memory of small blocks is shared, so it is not copied on write and must not be inherited:
// the parent copies what is in use into a snapshot, the child puts its views over that. Ways of creating
// a process that share memory on purpose (vfork, posix_spawn, CLONE_VM) need nothing.
#ifndef RG_FRONT_FORK_H
#define RG_FRONT_FORK_H

#include <stdbool.h>

// Registers the fork handlers. In the constructor, before the program can register any, so that ours
// run last before and first after the fork.
void rg_fork_init(void);

// Whether this process was forked from one that had the guard.
bool rg_fork_is_child(void);

// In a child that has touched the heap before our handler ran (the C library itself does, for its
// streams' locks): rebuilds the heap. Returns false, and does nothing, in any other situation.
// Async-signal-safe.
bool rg_fork_restore_late(void);

#endif
