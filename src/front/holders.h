// SPDX-License-Identifier: MIT
// What holds the pointer that realloc is called with: variables of the functions on the stack, and other memory.
#ifndef RG_FRONT_HOLDERS_H
#define RG_FRONT_HOLDERS_H

#include "stack/walk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rg_holders {
    // Outside of stacks, a variable or a block of the heap.
    bool memory;
    // On the stack, and in the outermost frame that holds it: a word of that frame's own, or only a register. The block
    // was allocated by that function, or by one that it had called.
    bool frame, only_register;
    size_t frames_around; // how many frames the recorded stack has outside of that one
};

// For the block at `address`, whose realloc with that recorded stack the caller of the exported function has called. Not on
// another stack, nor inside the heap; takes the FAULT lock.
struct rg_holders rg_holders_find(uintptr_t address, size_t size, uint32_t stack,
                                  const struct rg_caller *caller);

// Whether the outer `count` frames of a recorded stack are those of the other.
bool rg_holders_are_outer(const uintptr_t *pcs, size_t pc_count, size_t count,
                          const uintptr_t *other, size_t other_count);

// The end of the calling thread's stack. Beyond are the environment, or what is local to the thread.
uintptr_t rg_holders_stack_end(void);

// The control block of the calling thread.
uintptr_t rg_holders_control(void);

#endif
