// SPDX-License-Identifier: MIT
// What the exported functions of the malloc family and the C++ operators are made of. Each takes the
// caller of the exported function, where the recorded stack starts. errno is untouched unless said.
#ifndef RG_FRONT_MALLOC_H
#define RG_FRONT_MALLOC_H

#include "heap/block.h"
#include "report/finding.h"
#include "stack/walk.h"
#include "trace/event.h"

#include <stdbool.h>
#include <stddef.h>

// Whether there is more to do after a realloc than most programs ask for. Set at the start.
extern bool rg_malloc_finishes;
void rg_malloc_init(void);

// size bytes at a multiple of align (a power of two, at least 16), zero-filled when `zero`. NULL and
// ENOMEM when size is over PTRDIFF_MAX or there is no memory.
void *rg_allocate(size_t size, size_t align, enum rg_family family, bool zero,
                  const struct rg_caller *caller);

// The same for a function of which the family and `zero` do not tell how a trace calls it.
void *rg_allocate_by(size_t size, size_t align, enum rg_family family, bool zero,
                     enum rg_trace_how how, const struct rg_caller *caller);

// Frees p, which may be NULL, by a function of that family; misuse is reported and does nothing, but that a block of
// another family is freed.
void rg_release(void *p, enum rg_family family, const struct rg_caller *caller);

// The same by a function that is told the block's size.
void rg_release_sized(void *p, size_t size, enum rg_family family, const struct rg_caller *caller);

// realloc. NULL and ENOMEM as above, or NULL alone for size 0.
void *rg_resize(void *p, size_t size, const struct rg_caller *caller);

// The requested size of the block at p, or 0.
size_t rg_usable_size(void *p, const struct rg_caller *caller);

// misuse.c: reports a call with a pointer that is no live block. status: what the heap said of it.
void rg_misuse(enum rg_operation operation, const void *p, enum rg_trouble trouble,
               struct rg_caller caller);
// The same of realloc with a size that no block can have, or of reallocarray with so many times that size (else 0).
void rg_misuse_size(const void *p, size_t size, size_t times, struct rg_caller caller);
// The same of a function that is given another size than the block at p has.
void rg_misuse_sized(enum rg_operation operation, const void *p, size_t size,
                     struct rg_caller caller);
// The same of the block of which rg_damage tells, before anything else is called of the heap.
void rg_misuse_damage(enum rg_operation operation, struct rg_caller caller);
// What realloc of such a pointer gives the program to go on with: a new block, holding what the old one
// held as far as that is known.
void *rg_misuse_replace(void *p, size_t size, struct rg_caller caller);

#endif
