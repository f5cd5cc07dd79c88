// SPDX-License-Identifier: MIT
// Stale buffers handed to system calls. The kernel answers EFAULT for a sealed page, without a signal, so
// the C library's functions that take buffers are interposed: a stale one is reported with the call's name
// and argument, and the call gets a bounce buffer in its place, which holds what the program would have
// seen and whose result goes to the scratch page. A buffer that is not ours costs a look into the map.
//
// errno is kept; the caller's stack starts at `caller`.
#ifndef RG_FRONT_BOUNCE_H
#define RG_FRONT_BOUNCE_H

#include "front/scratch.h"
#include "heap/heap.h"
#include "stack/walk.h"

#include <stdbool.h>
#include <stddef.h>

// Whether a call with this buffer would meet a sealed page.
RG_INLINE bool rg_buffer_is_stale(const void *p, size_t n) {
    return rg_unlikely(rg_view_find((uintptr_t)p) != NULL) && n > 0 &&
           rg_unlikely(rg_heap_is_stale((uintptr_t)p));
}

// Whose buffer it is, and what the call does with it.
struct rg_call {
    const char *name;
    const char *argument;
    bool kernel_writes; // else it reads
    struct rg_caller caller;
};

struct rg_bounce {
    void *buffer;   // to be passed to the call
    uintptr_t user; // the stale buffer
    size_t bytes;
    size_t mapped; // of the buffer; 0: it is the program's own after all
};

// Reports the stale buffer of n bytes at p and gives the call another one with its contents.
struct rg_bounce rg_bounce_begin(const struct rg_call *call, const void *p, size_t n);

// Puts what the call wrote (the first n bytes) where the program will look for it.
void rg_bounce_end(struct rg_bounce *b, size_t written);

// The C library's own function of this name, found once and kept in *next.
void rg_find_next(const char *name, void *next);

#endif
