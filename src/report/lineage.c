// SPDX-License-Identifier: MIT
// See lineage.h. No state.
#include "report/lineage.h"

static struct rg_lineage_step *place_of(struct rg_lineage *l, size_t n) {
    return n < RG_LINEAGE_KEPT ? &l->first[n] : &l->last[n % RG_LINEAGE_KEPT];
}

void rg_lineage_add(struct rg_lineage *l, uint32_t stack, size_t size) {
    struct rg_lineage_step *step = l->steps > 0 ? place_of(l, l->steps - 1) : NULL;
    if (step && stack != 0 && step->stack == stack) {
        step->last_size = size;
        step->calls++;
    } else {
        rg_lineage_add_step(l, stack, size);
    }
}

void rg_lineage_add_step(struct rg_lineage *l, uint32_t stack, size_t size) {
    struct rg_lineage_step *step = place_of(l, l->steps++);
    l->calls_left_out += l->steps > 2 * RG_LINEAGE_KEPT ? step->calls : 0;
    *step =
        (struct rg_lineage_step){.first_size = size, .last_size = size, .stack = stack, .calls = 1};
}

const struct rg_lineage_step *rg_lineage_get(const struct rg_lineage *l, size_t n) {
    if (n < RG_LINEAGE_KEPT) {
        return &l->first[n];
    }
    return n + RG_LINEAGE_KEPT < l->steps ? NULL : &l->last[n % RG_LINEAGE_KEPT];
}
