// SPDX-License-Identifier: MIT
// See finding.h. Pure functions over records.
#include "report/finding.h"

static void follow(struct rg_finding *f) {
    struct rg_block_facts at = f->block;
    struct rg_block_facts next;
    while (at.state == RG_BLOCK_MOVED && rg_heap_describe_next(&at, &next)) {
        f->moves_since++;
        rg_lineage_add(&f->after, at.end_stack, next.size);
        at = next;
    }
    if (at.state == RG_BLOCK_MOVED) {
        f->moves_since++;
        rg_lineage_add(&f->after, at.end_stack, 0);
        f->today = RG_TODAY_FREED;
        f->end_stack = at.fate_stack;
        f->end_thread = at.fate_thread;
        f->end_is_brief = at.is_brief || at.fate == RG_FATE_LIVE;
    } else if (at.state == RG_BLOCK_FREE || at.state == RG_BLOCK_ENDED) {
        // The record is still that of the block, of which the one before was not told.
        f->today = RG_TODAY_FREED;
        f->end_stack = at.end_stack;
        f->end_thread = at.end_thread;
        f->end_is_brief = at.is_brief || at.end_stack == 0; // or not written yet
    } else if (at.state == RG_BLOCK_RELEASED) {
        f->today = RG_TODAY_RELEASED;
        f->end_stack = at.end_stack;
        f->end_thread = at.end_thread;
        f->end_is_brief = at.is_brief;
    } else {
        // A block on its way to another address counts as live where it is.
        f->today = RG_TODAY_LIVE;
        f->today_address = at.address;
        f->today_size = at.size;
    }
    if (f->moves_since > 0) {
        f->moves_since--; // the first step is the move that vacated the address
    }
}

// Back to where the block was first allocated, or to where details were dropped. The records of earlier addresses
// stay for ever.
static void trace_back(struct rg_finding *f) {
    struct rg_block_facts before;
    f->origin = f->block;
    while (f->origin.moved_from && rg_heap_describe(f->origin.moved_from, &before)) {
        f->moves_before++;
        rg_lineage_add(&f->before, before.end_stack, f->origin.size);
        f->origin = before;
    }
    // realloc allocates, too, and may move the block from the same place later.
    rg_lineage_add_step(&f->before, f->origin.alloc_stack, f->origin.size);
}

// The record of the next address tells the size there, unless a later block lives there by now.
static void find_moved_size(struct rg_finding *f) {
    struct rg_block_facts next;
    f->knows_moved_size = f->block.state == RG_BLOCK_MOVED &&
                          rg_heap_describe(f->block.moved_to, &next) &&
                          next.moved_from == f->block.address;
    f->moved_size = f->knows_moved_size ? next.size : 0;
}

static void find_cut_off(struct rg_finding *f) {
    struct rg_block_facts before;
    if (f->block.moved_from && rg_heap_describe(f->block.moved_from, &before) &&
        before.size > f->block.size) {
        f->cut_off = before.size - f->block.size;
    }
}

void rg_finding_diagnose(struct rg_finding *f) {
    f->has_block = f->trouble == RG_TROUBLE_OVERRUN || rg_heap_describe(f->address, &f->block);
    if (f->has_block && f->trouble == RG_TROUBLE_STALE &&
        (f->block.state == RG_BLOCK_LIVE || f->block.state == RG_BLOCK_MOVING)) {
        f->trouble = RG_TROUBLE_BEYOND;
        find_cut_off(f);
    }
    if (f->has_block && f->trouble == RG_TROUBLE_STALE &&
        (f->block.state == RG_BLOCK_FREE || f->block.state == RG_BLOCK_ENDED)) {
        f->trouble = RG_TROUBLE_FREED;
    }
    // Also a pointer that is no start of a block may lead into one that has been moved.
    if (f->has_block && rg_state_is_stale(f->block.state)) {
        follow(f);
    }
    if (f->has_block) {
        find_moved_size(f);
        trace_back(f);
    }
}

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9e3779b97f4a7c15UL;
    return h ^ h >> 29;
}

// Whether the block is part of the misuse, and not just what the call was about.
static bool has_part(const struct rg_finding *f) {
    return f->has_block && f->trouble != RG_TROUBLE_ZERO && f->trouble != RG_TROUBLE_SIZE;
}

uint64_t rg_finding_general_key(const struct rg_finding *f) {
    // Who finds it says nothing of who did it.
    if (f->trouble == RG_TROUBLE_OVERRUN) {
        return mix((uint64_t)f->trouble, f->damage_first);
    }
    if (f->trouble == RG_TROUBLE_LEAK) {
        return mix((uint64_t)f->trouble, 0);
    }
    uint64_t h = mix(mix(0, (uint64_t)f->operation << 8 | (uint64_t)f->trouble), f->epoch);
    size_t first = f->system_pcs < f->pc_count ? f->system_pcs : 0;
    for (size_t i = first; i < f->pc_count; i++) {
        h = mix(h, f->pcs[i]);
    }
    h = f->failed_stack ? mix(h, f->failed_stack) : h;
    return has_part(f) ? mix(h, f->block.end_stack) : h;
}

uint64_t rg_finding_key(const struct rg_finding *f) {
    uint64_t h = rg_finding_general_key(f);
    h = has_part(f) ? mix(h, f->block.alloc_stack) : h;
    return h ? h : 1;
}
