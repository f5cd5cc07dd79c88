// SPDX-License-Identifier: MIT
// libunwind, for the one stack that must be right even where frame rules give up: that of the faulting
// access. Opened privately (RTLD_LOCAL): linked into a preloaded library its _Unwind_* functions would
// capture the C++ exceptions of programs that load C++ plug-ins.
#ifndef RG_STACK_LIBUNWIND_H
#define RG_STACK_LIBUNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

// Most programs misuse nothing and create no threads; for those the library is never opened, since that
// would be a third of what a short process pays. It is opened by the first that wants it of: the creation
// of a thread; a fault, as long as there is one thread, which must not be inside the loader.
//
// Remembers what opening needs. In the constructor.
void rg_libunwind_init(void);
// Opens the library, if it is there and nobody has tried before. The loader's lock must be free, or held
// by this thread, and the loader not be at work. What dlerror would say is not changed.
void rg_libunwind_open(void);
bool rg_libunwind_was_tried(void);

// Stores the stack of an interrupted context as rg_walk_context does; 0 when libunwind is missing. Calls
// dl_iterate_phdr, so it can wait for a thread that is inside that function.
size_t rg_libunwind_walk(const ucontext_t *context, uintptr_t *ret_pcs, size_t depth);

#endif
