// SPDX-License-Identifier: MIT
// Stops all other threads of the process for a while, and has their registers: a search of the memory sees all pointers
// then. A helper process that shares the memory does that by ptrace, as LeakSanitizer's does; a thread cannot trace its own
// process.
//
// What a stopped thread was waiting for it goes on waiting for, but for a few calls that the kernel ends with EINTR
// (epoll_wait; signal(7) names the others).
#ifndef RG_FRONT_STOP_H
#define RG_FRONT_STOP_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RG_STOP_THREADS_MOST = 1024, RG_STOP_REGISTERS = 27 };

// Stops them. With every lock held: none of those that are stopped holds one. False: not possible here, and all go on. Waits
// two seconds at most for a thread that does not stop. One at a time.
RG_COLD bool rg_stop_others(void);

// What was in the registers of each, one after the other; until rg_stop_end.
const uintptr_t *rg_stop_registers(size_t *ret_count);

// Lets them go on.
RG_COLD void rg_stop_end(void);

#endif
