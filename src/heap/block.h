// SPDX-License-Identifier: MIT
// The record of one block: everything the guard knows about an address it once handed out. Records lie
// in memory of their own, one for every unit of every view, so address -> record is arithmetic, and a
// record whose block was moved stays for ever.
//
//              alloc                    free
//   UNUSED ----------->  LIVE  <----------------->  FREE         (same address, may be used again)
//                        |   ^        alloc
//           realloc in   |   | no memory, or stayed in place
//              progress  v   |
//                       MOVING ------------------->  MOVED       (sealed for ever, `next` is the new one)
//                            |---- realloc(p, 0) ->  RELEASED    (sealed for ever)
//                            \---- free          ->  ENDED       (the same, where freed blocks are to be sealed)
//
// Threads: `head` is atomic and every transition is a compare-and-exchange on it, so of two threads
// that free or move one block exactly one wins and the other learns the state it lost to. The winner
// owns the other fields until it publishes the next state with release order. A report reads the
// fields without any lock: it may see a block's end half recorded, never a torn word.
#ifndef RG_HEAP_BLOCK_H
#define RG_HEAP_BLOCK_H

#include "base/vmem.h"

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
    RG_BLOCK_ENDED,
};

// By which kind of call the program got the block.
enum rg_family {
    RG_FAMILY_MALLOC,
    RG_FAMILY_NEW,
    RG_FAMILY_NEW_ARRAY,
    RG_FAMILY_ALIGNED, // as MALLOC, but asked to be aligned to more than malloc does
};

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

// Three words, since there is one for each unit of each view.
struct rg_block {
    _Atomic uint64_t
        head; // bits 0-39 requested size (see rg_head_size), 40-43 state, 44-45 family, 46 was
              // used, 47 vacated: its slot is used through a newer view, now or later; 48-63 the
              // thread that allocated it, or moved it here
    _Atomic uint64_t
        birth; // bits 0-38 the stack that allocated it or, with bit 39, the page where it was
               // moved from: the record there has the stack of the move; 40-63 the stack that
               // moved, released or freed it; LIVE: whose realloc failed last, or 0
    _Atomic uint64_t next; // MOVED: 0-47 the address it went to; FREE: link of the free list;
                           // 48-63 the thread that moved or freed it; MOVING: RG_LINK_CLAIMED
                           // and the thread that is in realloc with it, or 0 as long as that may
                           // turn out to mean another block
};

// MOVED: what became of the block at its next address.
enum rg_fate { RG_FATE_LIVE, RG_FATE_FREED };

// Kept apart from the records, in memory that a view has none of before the first of its moved blocks was freed.
struct rg_block_fate {
    _Atomic uint32_t stack; // who freed the block that it became, or 0
    _Atomic uint16_t thread;
    _Atomic uint16_t what; // enum rg_fate
};

_Static_assert(sizeof(struct rg_block) == 24, "a record costs three words");

#define RG_ADDRESS_MASK 0xffffffffffffUL
// The bits that an address of the program's may have: those above some programs keep a tag in (LuaJIT and SpiderMonkey from
// bit 47 on).
#define RG_POINTER_MASK 0x7fffffffffffUL

// Stacks are numbered below 1 << this.
enum { RG_BLOCK_STACK_BITS = 24 };

#define RG_HEAD_SIZE_BITS   40
#define RG_HEAD_STATE_SHIFT RG_HEAD_SIZE_BITS
#define RG_HEAD_PAGES       (1UL << (RG_HEAD_SIZE_BITS - 1))
#define RG_HEAD_WAS_USED    (1UL << 46)
// Set by the bin under its lock, a moment after the state has become stale; and when the slot of a block that was freed
// is handed out at its address in a newer view. The block's own address is used no more then.
#define RG_HEAD_VACATED (1UL << 47)

// Sizes of half a TiB and more are rounded up to pages, which the block has anyway.
static inline uint64_t rg_head_encode_size(size_t size) {
    return size < RG_HEAD_PAGES ? size
                                : RG_HEAD_PAGES | rg_align_up(size, RG_PAGE_SIZE) / RG_PAGE_SIZE;
}

static inline uint64_t rg_head_make(size_t size, enum rg_block_state state, enum rg_family family) {
    return rg_head_encode_size(size) | (uint64_t)state << RG_HEAD_STATE_SHIFT |
           (uint64_t)family << 44 | RG_HEAD_WAS_USED;
}

static inline uint64_t rg_head_by(uint64_t head, uint16_t thread) {
    return head | (uint64_t)thread << 48;
}

static inline size_t rg_head_size(uint64_t head) {
    size_t size = head & (RG_HEAD_PAGES - 1);
    return head & RG_HEAD_PAGES ? size * RG_PAGE_SIZE : size;
}

static inline enum rg_block_state rg_head_state(uint64_t head) {
    return (enum rg_block_state)(head >> RG_HEAD_STATE_SHIFT & 15);
}

static inline enum rg_family rg_head_family(uint64_t head) {
    return (enum rg_family)(head >> 44 & 3);
}

static inline uint16_t rg_head_thread(uint64_t head) {
    return (uint16_t)(head >> 48);
}

// Whether the slot was handed out at this address, since its memory was last dropped.
static inline bool rg_head_was_used(uint64_t head) {
    return (head & RG_HEAD_WAS_USED) != 0;
}

static inline uint64_t rg_head_with(uint64_t head, enum rg_block_state state) {
    return (head & ~(15UL << RG_HEAD_STATE_SHIFT)) | (uint64_t)state << RG_HEAD_STATE_SHIFT;
}

#define RG_BIRTH_MASK  ((1UL << 40) - 1)
#define RG_BIRTH_MOVED (1UL << 39)

// from: the address the block is moved from, or 0 where it is new; stack: who allocates it, if it is.
static inline uint64_t rg_birth_make(uintptr_t from, uint32_t stack) {
    return from ? RG_BIRTH_MOVED | from / RG_PAGE_SIZE : stack;
}

static inline uint64_t rg_birth_ended(uint64_t birth, uint32_t stack) {
    return (birth & RG_BIRTH_MASK) | (uint64_t)stack << 40;
}

// The page in which the block started that was moved here; 0 where it was not.
static inline uintptr_t rg_birth_page(uint64_t birth) {
    return birth & RG_BIRTH_MOVED ? (birth & (RG_BIRTH_MOVED - 1)) * RG_PAGE_SIZE : 0;
}

// Who allocated it; 0 where it was moved here.
static inline uint32_t rg_birth_stack(uint64_t birth) {
    return birth & RG_BIRTH_MOVED ? 0 : (uint32_t)birth;
}

static inline uint32_t rg_birth_end_stack(uint64_t birth) {
    return (uint32_t)(birth >> 40);
}

#define RG_LINK_CLAIMED 1UL

static inline uint64_t rg_link_make(uintptr_t address, uint16_t thread) {
    return (uint64_t)address | (uint64_t)thread << 48;
}

static inline uintptr_t rg_link_address(uint64_t link) {
    return link & RG_ADDRESS_MASK;
}

static inline uint16_t rg_link_thread(uint64_t link) {
    return (uint16_t)(link >> 48);
}

// Whether an access through this block's address is a misuse: it has been vacated for ever.
static inline bool rg_state_is_stale(enum rg_block_state s) {
    return s == RG_BLOCK_MOVED || s == RG_BLOCK_RELEASED || s == RG_BLOCK_ENDED;
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
    bool is_claimed;      // MOVING, and it is this block that a thread is in realloc with
    uint32_t alloc_stack, end_stack, fate_stack;
    uint16_t alloc_thread, end_thread, fate_thread;
    enum rg_fate fate;
    uintptr_t unit; // the addresses the block owns
    size_t unit_bytes;
};

#endif
