// SPDX-License-Identifier: MIT
// Which live blocks can be reached: a mark for each unit of each view, and the blocks that are still to be gone through.
// The caller shows it the memory that counts, word by word, and the contents of each block that it asks for; what is in a
// page that a block owns, or is a pointer right behind its end or shortly before it, points to that block.
//
// Of blocks that cannot be reached those are direct that no other such block points to; the others are indirect. Of a ring
// of blocks that point to each other one is direct.
//
// With one thread, and nothing allocated or freed from rg_reach_begin to rg_reach_end. No lock.
#ifndef RG_HEAP_REACH_H
#define RG_HEAP_REACH_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rg_reach {
    unsigned step; // bytes from one word to the next
    enum rg_reach_stage {
        RG_REACH_ROOTS,   // whatever is shown can be reached
        RG_REACH_POINTED, // it is in a block that cannot: which of these are pointed to
        RG_REACH_CLAIMED, // it is in one that has been found to be leaked
    } stage;
    uint8_t *marks;
    uintptr_t *todo; // blocks that are still to be gone through; each is here at most once
    size_t todo_count, todo_cap;
    uintptr_t source;   // the block that is being gone through; 0: none
    uintptr_t leader;   // of the ring that is being gone through
    size_t live;        // blocks
    uintptr_t from, to; // its own memory
};

// All blocks are unreached. False: there is no memory for the marks.
bool rg_reach_begin(struct rg_reach *r);
void rg_reach_end(struct rg_reach *r);

// Memory that counts, in that stage.
void rg_reach_look(struct rg_reach *r, const char *memory, size_t bytes);

// Where a block is for the program, where the guard can read what is in it, and its size: to be given to rg_reach_look.
typedef void rg_reach_block_fn(uintptr_t block, uintptr_t memory, size_t size, void *arg);

// Calls fn for each block that can be reached and has not been gone through, until there is none left.
void rg_reach_follow(struct rg_reach *r, rg_reach_block_fn *fn, void *arg);
// All blocks that can be reached are to be gone through once more.
void rg_reach_again(struct rg_reach *r);

// Whether a block has not been reached that is to be told.
bool rg_reach_is_missing(struct rg_reach *r);

// Finds out which of the blocks that cannot be reached are direct: the first calls fn for each of them, the second for
// each of them again.
void rg_reach_find_pointed(struct rg_reach *r, rg_reach_block_fn *fn, void *arg);
void rg_reach_find_direct(struct rg_reach *r, rg_reach_block_fn *fn, void *arg);

// Calls fn for each block that cannot be reached and is to be told, in the order of their addresses.
void rg_reach_each_leaked(struct rg_reach *r,
                          void (*fn)(uintptr_t block, size_t size, bool is_direct, void *arg),
                          void *arg);

// In a forked child: the blocks that are there now are its parent's, and are not to be told. False: there is no memory to
// note that.
RG_COLD bool rg_reach_inherit(void);

#endif
