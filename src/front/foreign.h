// SPDX-License-Identifier: MIT
// Pointers that the heap never handed out: blocks of the C library's own malloc (a plug-in bound to it
// by RTLD_DEEPBIND, __libc_malloc, another namespace) or of an allocator that the program is linked with
// and calls by other names (mallocx), or no blocks at all.
#ifndef RG_FRONT_FOREIGN_H
#define RG_FRONT_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

// Looks for another allocator behind the guard in the loader's search. In the constructor.
void rg_foreign_init(void);

// Whether p may be a block of another malloc. False only where it certainly is none: a stack, an object's
// own data, an address that cannot be read; and, where the C library's malloc is the only other one, one
// that no chunk of that can have. No lock, async-signal-safe.
bool rg_foreign_is_plausible(const void *p);

// While the guard stands aside: a block of the C library's. errno is that one's.
void *rg_foreign_allocate(size_t size, size_t align, bool zero);

void rg_foreign_free(void *p);
void *rg_foreign_realloc(void *p, size_t size);
// What the owner's malloc_usable_size would say.
size_t rg_foreign_usable_size(const void *p);

#endif
