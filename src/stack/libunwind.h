// SPDX-License-Identifier: MIT
// libunwind, for the one stack that must be right even where frame rules give up: that of the faulting
// access. Opened privately (RTLD_LOCAL): linked into a preloaded library its _Unwind_* functions would
// capture the C++ exceptions of programs that load C++ plug-ins.
#ifndef RG_STACK_LIBUNWIND_H
#define RG_STACK_LIBUNWIND_H

#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

// Opens the library, if it is there. Not async-signal-safe; called once, from the constructor.
void rg_libunwind_init(void);

// Stores the stack of an interrupted context as rg_walk_context does; 0 when libunwind is missing. Calls
// dl_iterate_phdr, so it can wait for a thread that is inside that function.
size_t rg_libunwind_walk(const ucontext_t *context, uintptr_t *ret_pcs, size_t depth);

#endif
