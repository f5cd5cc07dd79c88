// SPDX-License-Identifier: MIT
// Numbers texts in the order in which they are met, from 1 on, and keeps copies of them. Zero-filled it is empty.
#ifndef RG_TOOLS_TEXT_INDEX_H
#define RG_TOOLS_TEXT_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rg_text_index {
    struct rg_text_item {
        char *text; // NULL: the place is free
        uint64_t hash;
        uint64_t number;
    } * places;
    size_t cap;     // a power of two, or 0
    uint64_t count; // at most half of cap
};

// The text's number. ret_is_new: whether it was met for the first time.
uint64_t rg_text_index_of(struct rg_text_index *index, const char *text, bool *ret_is_new);

void rg_text_index_done(struct rg_text_index *index);

#endif
