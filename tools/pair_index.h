// SPDX-License-Identifier: MIT
// Numbers pairs of numbers in the order in which they are met, from 1 on. Zero-filled it is empty.
#ifndef RG_TOOLS_PAIR_INDEX_H
#define RG_TOOLS_PAIR_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rg_pair_index {
    struct rg_pair_item {
        uint64_t first, second;
        uint64_t number; // 0: the place is free
    } * places;
    size_t cap;     // a power of two, or 0
    uint64_t count; // at most half of cap
};

// The pair's number. ret_is_new: whether it was met for the first time.
uint64_t rg_pair_index_of(struct rg_pair_index *index, uint64_t first, uint64_t second,
                          bool *ret_is_new);

void rg_pair_index_done(struct rg_pair_index *index);

#endif
