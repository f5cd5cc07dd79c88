// SPDX-License-Identifier: MIT
// See pair_index.h. Open addressing: what is not at its place is in the next ones.
#include "pair_index.h"

#include "need.h"

#include <stdlib.h>

// The place of the pair, or the free one where it belongs.
static struct rg_pair_item *place_of(const struct rg_pair_index *index, uint64_t first,
                                     uint64_t second) {
    const uint64_t mixed = (first * 0x9e3779b97f4a7c15U ^ second) * 0xff51afd7ed558ccdU;
    size_t at = (size_t)(mixed >> 32) & (index->cap - 1);
    while (index->places[at].number &&
           (index->places[at].first != first || index->places[at].second != second)) {
        at = (at + 1) & (index->cap - 1);
    }
    return &index->places[at];
}

static void grow(struct rg_pair_index *index) {
    const struct rg_pair_index old = *index;
    index->cap = old.cap ? 2 * old.cap : 64;
    index->places = rg_need(index->cap * sizeof *index->places);
    for (size_t i = 0; i < old.cap; i++) {
        const struct rg_pair_item *item = &old.places[i];
        if (item->number) {
            *place_of(index, item->first, item->second) = *item;
        }
    }
    free(old.places);
}

uint64_t rg_pair_index_of(struct rg_pair_index *index, uint64_t first, uint64_t second,
                          bool *ret_is_new) {
    if (2 * (index->count + 1) > index->cap) {
        grow(index);
    }
    struct rg_pair_item *place = place_of(index, first, second);
    *ret_is_new = !place->number;
    if (!place->number) {
        *place = (struct rg_pair_item){first, second, ++index->count};
    }
    return place->number;
}

void rg_pair_index_done(struct rg_pair_index *index) {
    free(index->places);
    *index = (struct rg_pair_index){0};
}
