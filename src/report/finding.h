// SPDX-License-Identifier: MIT
// A finding: the facts of one misuse, gathered at the instruction, before any wording.
#ifndef RG_REPORT_FINDING_H
#define RG_REPORT_FINDING_H

#include "heap/heap.h"
#include "report/lineage.h"
#include "stack/walk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the program did with the pointer.
enum rg_operation {
    RG_OP_READ,
    RG_OP_WRITE,
    RG_OP_EXECUTE, // the last of those that are accesses
    RG_OP_FREE,
    RG_OP_REALLOC,
    RG_OP_USABLE_SIZE,
    RG_OP_DELETE,
    RG_OP_DELETE_ARRAY,
    // Not of the program's: when the guard looked.
    RG_OP_FORK,
    RG_OP_EXIT,
};

// What is wrong with the pointer.
enum rg_trouble {
    RG_TROUBLE_STALE,    // realloc has moved or released the block
    RG_TROUBLE_FREED,    // the block is free
    RG_TROUBLE_INTERIOR, // not the start of a block
    RG_TROUBLE_FOREIGN,  // never allocated
    RG_TROUBLE_FAMILY,   // the block is live, but came from another family of functions
    RG_TROUBLE_ZERO,     // nothing but the size of 0 that realloc is given
    RG_TROUBLE_SIZE,     // nothing but a size that no block can have
    RG_TROUBLE_BUSY,     // another thread is in realloc with the block
    RG_TROUBLE_SIZED,    // the block is live, but has another size than the function was given
    RG_TROUBLE_ALIGNED,  // the block was asked to be aligned, which realloc does not keep
    RG_TROUBLE_BEYOND,   // behind the end of a live block
    RG_TROUBLE_OVERRUN,  // something has written behind the end of the block before
    RG_TROUBLE_LOST,     // realloc has failed, and nothing points to the block any more
    RG_TROUBLE_RESULT,   // near NULL, which realloc has returned
    RG_TROUBLE_LEAK,     // the process ends, and nothing leads to blocks from one place any more
    RG_TROUBLE_TROUBLES,
};

// What became of a moved block.
enum rg_today {
    RG_TODAY_LIVE,
    RG_TODAY_FREED,
    RG_TODAY_RELEASED, // by realloc(p, 0)
};

enum { RG_TOLD_MOST = 128 * 1024 };

struct rg_finding {
    enum rg_operation operation;
    enum rg_trouble trouble;
    uintptr_t address;   // what was accessed, or the pointer that was passed
    size_t access_bytes; // of a read or write; 0: not known
    // SIZE: so many bytes, or so many times as many; times is 0 where that was not multiplied. SIZED: so many bytes.
    size_t wanted, times;
    // OVERRUN: bytes behind the end of the block of the first that was changed, and how many were, at least. `block` is
    // given, too.
    size_t damage_first, damage_count;
    // LEAK: of what the stack has allocated, or moved where it is: nothing points to, and only leaked blocks point to.
    // `address` is that of the largest block, a direct one if there is one.
    size_t leaked_bytes, leaked_blocks, indirect_bytes, indirect_blocks;
    uint32_t failed_stack; // LOST, RESULT: of the realloc for `wanted` bytes that failed; else 0
    const char *call;      // the function that was given a stale buffer, or NULL
    const char *argument;  // which of its arguments
    uint16_t thread;       // number of the thread
    int tid;               // its kernel id
    char thread_name[16];
    uintptr_t pcs[RG_STACK_DEPTH_MAX]; // the stack of the access or call
    size_t pc_count;
    uint32_t epoch;    // of pcs, see modules.h
    size_t system_pcs; // how many pcs at the start are in system libraries; see rg_finding_key
    char *told;        // room of RG_TOLD_MOST bytes for the report, or NULL
    // Set by rg_report:
    bool is_suppressed; // or expected
    unsigned number;    // it was reported as the so-manieth; 0: it was not
    size_t told_len;    // bytes at `told`, which a zero byte ends

    // Filled in by rg_finding_diagnose:
    bool has_block; // `block` is what owns the address
    struct rg_block_facts block;
    size_t
        cut_off; // BEYOND: bytes of the tail that realloc cut off when it moved the block there; or 0
    bool knows_moved_size;
    size_t moved_size;       // of a MOVED block, at its next address
    enum rg_today today;     // of a STALE block
    uintptr_t today_address; // LIVE
    size_t today_size;       // LIVE
    size_t moves_since;      // moves after the one that vacated the address
    size_t moves_before;     // moves before it
    struct rg_block_facts
        origin; // the block where it was first allocated; `block` if it never moved there
    // How the block came to be what it was at the address that was used, the latest call first; and what became of
    // it, from the realloc on that vacated the address.
    struct rg_lineage before, after;
    uint32_t end_stack; // FREED, RELEASED: who did it, unless
    uint16_t end_thread;
    bool end_is_brief; // that is not known any more
};

// Whether the block is no longer where it was. One that a thread is in realloc with still is.
static inline bool rg_finding_has_end(const struct rg_finding *f) {
    return f->has_block && f->block.state != RG_BLOCK_LIVE && f->block.state != RG_BLOCK_MOVING;
}

// Looks the address up and follows the block to its present state. An access is STALE until then, and may turn out to
// be one to a block that is FREED, or BEYOND one. Reads records only: no lock, async-signal-safe.
void rg_finding_diagnose(struct rg_finding *f);

// Distinct misuses have distinct keys: kind, stack of the access, stacks of the block. The access's
// frames in system libraries above the person's own code do not count: one call of memcpy touches memory
// with several instructions, and is one misuse.
uint64_t rg_finding_key(const struct rg_finding *f);

// Without the stack that allocated the block. That is all there is of the key of a block whose details were dropped
// (block.is_brief): such a finding says nothing that another one with this key has not said.
uint64_t rg_finding_general_key(const struct rg_finding *f);

// "stale write", "double free", ...
const char *rg_finding_kind(const struct rg_finding *f);

// "stale-write", "double-free", ...: for programs, and the same in all versions.
const char *rg_finding_kind_id(const struct rg_finding *f);

#endif
