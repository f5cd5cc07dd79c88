// SPDX-License-Identifier: MIT
// Bounce buffers: what the kernel is given in place of a stale buffer. One holds what the program would have
// seen there, and what the kernel stores in it goes to the scratch page.
//
// errno is kept. A call that never returns (the thread is cancelled in it, or another program executed by a
// vfork child) leaves its buffers mapped.
#ifndef RG_FRONT_BOUNCE_H
#define RG_FRONT_BOUNCE_H

#include "front/calls.h"
#include "heap/heap.h"
#include "heap/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rg_bounce;

// The buffers of one call.
struct rg_bounces {
    const struct rg_call *call;
    struct rg_caller caller;
    bool looking; // only whether there is a stale buffer
    bool found;   // there is
    bool
        is_refused; // at the end: the kernel could not have stored what it has to, and answers EFAULT
    struct rg_bounce *first;
};

// What the kernel does with a buffer.
struct rg_buffer_use {
    const char *argument; // the name in reports
    enum rg_call_access access;
    size_t unit; // of RG_CALL_RETURNS_NUMBER
    size_t
        messages; // else 0: so many headers of `unit` bytes, of which only the results are put back
};

// A buffer that goes on behind the memory of a live block.
struct rg_beyond {
    size_t live;    // bytes before that
    size_t element; // bytes for each 1 of the call's result
    size_t before;  // bytes that the kernel uses before this buffer
};

// Whether the kernel would meet a sealed page in n bytes at p.
RG_INLINE bool rg_buffer_is_stale(uintptr_t p, size_t n) {
    return rg_unlikely(rg_view_find(p) != NULL) && n > 0 && rg_unlikely(rg_heap_is_stale(p));
}

// Where the kernel is to find n bytes at p: in a bounce buffer if they are stale, which is reported;
// else, or where there is no memory, at p. While looking, only *b notes what it is.
uintptr_t rg_bounce(struct rg_bounces *b, const struct rg_buffer_use *use, uintptr_t p, size_t n);

// The same, but a buffer that can be changed, also if p is not stale; p while looking, and where there is no
// memory or not all can be read. Of messages it has those that can be read, and nothing behind them.
uintptr_t rg_bounce_copy(struct rg_bounces *b, const struct rg_buffer_use *use, uintptr_t p,
                         size_t n);

// The same of n bytes, more than `live`. Whether the kernel went on behind these is reported at the end, by the call's
// result.
uintptr_t rg_bounce_beyond(struct rg_bounces *b, const struct rg_buffer_use *use, uintptr_t p,
                           size_t n, struct rg_beyond how);

// The number of bytes of a stale string with its zero; where the old block ends first, one more than are left.
size_t rg_bounce_string_bytes(uintptr_t p);

// The number of bytes from p to the end of the stale block there.
size_t rg_bounce_block_bytes(uintptr_t p);

// Copies n bytes of the program's, stale or not. False: they cannot be read.
bool rg_bounce_fetch(uintptr_t p, void *dst, size_t n);

// Replaces the stale pointers among the words of the call.
void rg_bounce_begin(struct rg_bounces *b, long *words);

// Puts what the call wrote where the program will look for it, and lets the buffers go. Returns the call's
// result, in terms of the program's own buffers, unless b->is_refused.
long rg_bounce_end(struct rg_bounces *b, long result);

#endif
