// SPDX-License-Identifier: MIT
// Where a block goes: to a small slot beside others that are as likely to be moved, to pages of its own, or to a range of
// its own.
#ifndef RG_HEAP_PLACE_H
#define RG_HEAP_PLACE_H

#include "heap/tcache.h"

// What is asked for.
struct rg_want {
    size_t size, align; // the size with room to grow on
    size_t own_size;    // without
    bool zero;
    uint16_t site;
    bool may_be_roomy;
};

// A slot for that, and for what is to be free behind it. False: no memory. t may be NULL.
bool rg_place_take(struct rg_tcache *t, const struct rg_want *want, struct rg_slot *ret_slot);

// What to give a block of that size that is likely to grow, so that it need not move at each small step.
size_t rg_place_roomy(size_t size);

#endif
