// SPDX-License-Identifier: MIT
// The record of one block: everything the guard knows about an address it once handed out. Records lie
// in the metadata arena, one for every unit of every view, so address -> record is arithmetic, and a
// record whose block was moved stays for ever.
//
//              alloc                    free
//   UNUSED ----------->  LIVE  <----------------->  FREE         (same address, may be used again)
//                        |   ^        alloc
//           realloc in   |   | no memory, or stayed in place
//              progress  v   |
//                       MOVING ------------------->  MOVED       (sealed for ever, `next` is the new one)
//                            \---- realloc(p, 0) ->  RELEASED    (sealed for ever)
//
// Threads: `head` is atomic and every transition is a compare-and-exchange on it, so of two threads
// that free or move one block exactly one wins and the other learns the state it lost to. The winner
// owns the other fields until it publishes the next state with release order. A report reads the
// fields without any lock: it may see a block's end half recorded, never a torn word.
#ifndef RG_HEAP_BLOCK_H
#define RG_HEAP_BLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rg_block_state {
    RG_BLOCK_UNUSED,
    RG_BLOCK_LIVE,
    RG_BLOCK_MOVING,
    RG_BLOCK_FREE,
    RG_BLOCK_MOVED,
    RG_BLOCK_RELEASED,
};

// By which kind of call the program got the block.
enum rg_family { RG_FAMILY_MALLOC, RG_FAMILY_NEW, RG_FAMILY_NEW_ARRAY };

// Who did something: a stack in the depot (0: none) and a thread number.
struct rg_origin {
    union {
        struct {
            uint32_t stack;
            uint16_t thread;
            uint16_t site : 15; // see mobility.h
            // A block from there may get room to grow, if it is likely to.
            uint16_t may_be_roomy : 1;
        };
        uint64_t word; // all of it, to be passed in one register
    };
};

_Static_assert(sizeof(struct rg_origin) == sizeof(uint64_t), "`word` is all of it");

struct rg_block {
    _Atomic uint64_t head; // bits 0-47 requested size, 48-51 state, 52-55 family, 56 was used,
                           // 57 vacated: its slot may be used through a newer view
    _Atomic uint64_t prev; // bits 0-47 the address it was moved from, or 0; 48-63 allocating thread
    _Atomic uint64_t next; // MOVED: 0-47 the address it went to; FREE: link of the free list;
                           // 48-63 the thread that moved or freed it
    _Atomic uint32_t alloc_stack; // who allocated it, or moved it here
    _Atomic uint32_t end_stack;   // who moved, released or freed it
    _Atomic uint32_t fate_stack;  // MOVED: who freed the block it became, or 0
    _Atomic uint16_t fate_thread;
    _Atomic uint16_t fate; // enum rg_fate
};

// MOVED: what became of the block at its next address.
enum rg_fate { RG_FATE_LIVE, RG_FATE_FREED };

_Static_assert(sizeof(struct rg_block) == 40, "a record costs five words");

#define RG_ADDRESS_MASK  0xffffffffffffUL
#define RG_HEAD_WAS_USED (1UL << 56)

static inline uint64_t rg_head_make(size_t size, enum rg_block_state state, enum rg_family family) {
    return (uint64_t)size | (uint64_t)state << 48 | (uint64_t)family << 52 | RG_HEAD_WAS_USED;
}

static inline size_t rg_head_size(uint64_t head) {
    return head & RG_ADDRESS_MASK;
}

static inline enum rg_block_state rg_head_state(uint64_t head) {
    return (enum rg_block_state)(head >> 48 & 15);
}

static inline enum rg_family rg_head_family(uint64_t head) {
    return (enum rg_family)(head >> 52 & 15);
}

// Whether the slot was handed out at this address, since its memory was last dropped.
static inline bool rg_head_was_used(uint64_t head) {
    return (head & RG_HEAD_WAS_USED) != 0;
}

// Set by the bin under its lock, a moment after the state has become stale.
#define RG_HEAD_VACATED (1UL << 57)

static inline uint64_t rg_head_with(uint64_t head, enum rg_block_state state) {
    return (head & ~(15UL << 48)) | (uint64_t)state << 48;
}

static inline uint64_t rg_link_make(uintptr_t address, uint16_t thread) {
    return (uint64_t)address | (uint64_t)thread << 48;
}

static inline uintptr_t rg_link_address(uint64_t link) {
    return link & RG_ADDRESS_MASK;
}

static inline uint16_t rg_link_thread(uint64_t link) {
    return (uint16_t)(link >> 48);
}

// Whether an access through this block's address is a misuse: realloc has vacated it.
static inline bool rg_state_is_stale(enum rg_block_state s) {
    return s == RG_BLOCK_MOVED || s == RG_BLOCK_RELEASED;
}

// A copy of what is known of a block. May be torn between fields when the block changes at the same time, never
// within one.
struct rg_block_facts {
    uintptr_t address; // where the block starts
    size_t size;       // requested
    enum rg_block_state state;
    // Of a block that was moved long ago; then family, moved_from, the stack of its allocation and of what became
    // of it, and all threads are unknown, and 0. See history.h.
    bool is_brief;
    enum rg_family family;
    uintptr_t moved_from; // or 0
    uintptr_t moved_to;   // MOVED only
    uint32_t alloc_stack, end_stack, fate_stack;
    uint16_t alloc_thread, end_thread, fate_thread;
    enum rg_fate fate;
    uintptr_t unit; // the addresses the block owns
    size_t unit_bytes;
};

#endif
