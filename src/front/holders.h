// SPDX-License-Identifier: MIT
// What holds the pointer that realloc is called with: variables of the functions on the stack, and other memory.
#ifndef RG_FRONT_HOLDERS_H
#define RG_FRONT_HOLDERS_H

#include "front/search.h"
#include "stack/walk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rg_holders {
    // One word held it, a variable of a function on the stack or other memory, and the first thing that the caller does is
    // to store the result there.
    bool is_overwritten;
    // Words outside of stacks: where, and which stack has allocated the block that the word is in, if it is in one.
    struct {
        uintptr_t at;
        uint32_t birth;
    } word[RG_SOUGHT_WORDS];
    size_t word_count;
};

// For the block at `address`, whose realloc with that recorded stack the caller of the exported function has called. Not on
// another stack, nor inside the heap; takes the FAULT lock.
void rg_holders_find(uintptr_t address, size_t size, uint32_t stack, const struct rg_caller *caller,
                     struct rg_holders *ret_holders);

// Whether one of the words is NULL now, or was when its block ended.
bool rg_holders_are_empty(const struct rg_holders *h);

// The end of the calling thread's stack. Beyond are the environment, or what is local to the thread.
uintptr_t rg_holders_stack_end(void);

// The control block of the calling thread.
uintptr_t rg_holders_control(void);

#endif
