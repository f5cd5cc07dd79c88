// SPDX-License-Identifier: MIT
// A search of the process's memory for words that point to certain blocks: variables, stacks, and blocks of the heap that
// are live. Conservative: whatever may be a pointer is one. The guard's own memory does not count, nor what is below the
// calling thread's stack pointer, as far as it is known that this is nothing but its stack. Who wants to know more of the
// words than whether they point to a few blocks visits the memory.
#ifndef RG_FRONT_SEARCH_H
#define RG_FRONT_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RG_SOUGHT_WORDS = 4 };

struct rg_sought {
    uintptr_t address;
    size_t size;
    uintptr_t low; // words of the given-up part of the stack below this do not count
    bool found;    // a word points to it, right behind its end, or shortly before it
    // Where such words are, the first few that were found; and how many.
    uintptr_t word[RG_SOUGHT_WORDS];
    size_t word_count;
};

// The stack of a thread that has ended: from there up to its control block, if that is still one.
struct rg_dead_stack {
    uintptr_t from, control;
};

struct rg_search {
    const struct rg_search_visitor *visitor; // or NULL: only those sought matter
    struct rg_sought *sought;                // by address, none over another
    size_t count;
    uintptr_t stack;   // words on the stack that the calling thread is on count from here on
    uintptr_t frames;  // those of the guard's functions on it are above this
    uintptr_t control; // of the calling thread
    // Mappings and blocks with these addresses in them are left out as a whole: the stacks of the calling thread. 0: none.
    uintptr_t left_out, left_out_too;
    uintptr_t given_up; // those up to here lie in frames that have been left
    const struct rg_dead_stack *dead;
    size_t dead_count;
    unsigned step; // bytes from one word to the next
    size_t budget; // at most so many bytes are looked at; what is left of them afterwards
};

enum { RG_DEAD_STACK_REACH = 1 << 20 };

// Visits blocks: where it is for the program, where the guard can read what is in it, and its size.
typedef void rg_search_block_fn(uintptr_t block, uintptr_t memory, size_t size, void *arg);

struct rg_search_visitor {
    // Gets all memory that counts, piece by piece: bytes that the program has at `at`. With steps of 1 a piece begins with
    // the end of the one before, where both are of one mapping.
    void (*look)(void *arg, const char *memory, uintptr_t at, size_t bytes);
    // Calls fn(..., fn_arg) for each block of the heap that counts.
    void (*each_block)(void *arg, rg_search_block_fn *fn, void *fn_arg);
    void *arg;
    uintptr_t own_from, own_to; // its own memory, which does not count
    bool
        is_alone; // there is no other thread: stacks that the C library has made for others do not count
};

// False: it could not be completed. Opens files in /proc; touches no page that has no memory, nor what cannot be read.
// Uses static buffers: with the FAULT lock held.
bool rg_search_memory(struct rg_search *s);

// The same of the visitor's blocks alone.
bool rg_search_blocks(struct rg_search *s);

// Looks at one word that is at `at`, or in a register (0).
void rg_search_word(struct rg_search *s, uintptr_t word, uintptr_t at);

#endif
