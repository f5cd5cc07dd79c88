// SPDX-License-Identifier: MIT
// Pointers that the heap never handed out: blocks of the C library's own malloc (a plug-in bound to it
// by RTLD_DEEPBIND, __libc_malloc, another namespace), or no blocks at all.
#ifndef RG_FRONT_FOREIGN_H
#define RG_FRONT_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

// Whether p may be a block of the C library's malloc. False only where it certainly is none: a stack, an
// object's own data, an address that cannot be read or that no chunk of that allocator can have. No lock,
// async-signal-safe.
bool rg_foreign_is_plausible(const void *p);

void rg_foreign_free(void *p);
void *rg_foreign_realloc(void *p, size_t size);
// What the C library's malloc_usable_size would say.
size_t rg_foreign_usable_size(const void *p);

#endif
