// SPDX-License-Identifier: MIT
// The life of a block as a person can read it: steps one after the other, in which it came to be or was moved. Moves
// that follow each other from one place are one step, and of many steps the middle is left out, so that any life takes
// a few lines. Pure.
#ifndef RG_REPORT_LINEAGE_H
#define RG_REPORT_LINEAGE_H

#include <stddef.h>
#include <stdint.h>

enum { RG_LINEAGE_KEPT = 3 }; // steps at each end

struct rg_lineage_step {
    size_t first_size, last_size; // after the first call and after the last; 0: not known
    uint32_t stack;               // who called; 0: not known
    uint32_t calls;
};

// Zero-filled is empty. Steps are added in one direction of time or the other.
struct rg_lineage {
    struct rg_lineage_step first[RG_LINEAGE_KEPT];
    struct rg_lineage_step last[RG_LINEAGE_KEPT]; // a ring: step n is at n % RG_LINEAGE_KEPT
    size_t steps;                                 // in all
    size_t calls_left_out;
};

// A call that gave the block a size; the next step, or one more call of the last one.
void rg_lineage_add(struct rg_lineage *l, uint32_t stack, size_t size);
// A step of its own, whatever the last one was.
void rg_lineage_add_step(struct rg_lineage *l, uint32_t stack, size_t size);

// Step n of those that were added, below `steps`; NULL if it was left out.
const struct rg_lineage_step *rg_lineage_get(const struct rg_lineage *l, size_t n);

#endif
