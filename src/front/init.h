// SPDX-License-Identifier: MIT
// Setting the guard up, in two steps: what every allocation needs, at the first call of all, wherever
// that comes from (the loader, another library's constructor); the rest in our own constructor.
#ifndef RG_FRONT_INIT_H
#define RG_FRONT_INIT_H

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>

// The first step; later calls return at once. Thread-safe. Uses neither malloc nor anything of the C
// library that does.
void rg_init(void);

// Whether SIGSEGV and SIGTRAP are the guard's: from the end of the first step on, unless it stands aside.
bool rg_init_is_active(void);
// Whether the guard stands aside (aside.h). Then no block is its own, and never will be.
bool rg_init_is_aside(void);

// The process that set the guard up, or the forked child that took it over. A vfork child differs: it
// runs on its parent's memory and is not ours to account for.
int rg_init_pid(void);
void rg_init_set_pid(int pid);

#endif
