// SPDX-License-Identifier: MIT
// Which private memory outside of the reservations is the guard's own for good: for whoever goes through all memory of the
// process. Lock-free and async-signal-safe.
#ifndef RG_BASE_OWN_MEMORY_H
#define RG_BASE_OWN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// This memory is never given back from now on.
void rg_own_memory_note(const void *p, size_t bytes);

// Whether there was room to note all of it.
bool rg_own_memory_is_known(void);

// From `from` on, up to `to`: where the first piece of own memory begins, or `to`; and where that piece ends.
uintptr_t rg_own_memory_next(uintptr_t from, uintptr_t to, uintptr_t *ret_end);

#endif
