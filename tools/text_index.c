// SPDX-License-Identifier: MIT
// See text_index.h. Open addressing: what is not at its place is in the next ones.
#include "text_index.h"

#include "need.h"
#include "text_hash.h"

#include <stdlib.h>
#include <string.h>

// The place of the text, or the free one where it belongs.
static struct rg_text_item *place_of(const struct rg_text_index *index, const char *text,
                                     uint64_t hash) {
    size_t at = (size_t)hash & (index->cap - 1);
    while (index->places[at].text &&
           (index->places[at].hash != hash || strcmp(index->places[at].text, text) != 0)) {
        at = (at + 1) & (index->cap - 1);
    }
    return &index->places[at];
}

static void grow(struct rg_text_index *index) {
    const struct rg_text_index old = *index;
    index->cap = old.cap ? 2 * old.cap : 64;
    index->places = rg_need(index->cap * sizeof *index->places);
    for (size_t i = 0; i < old.cap; i++) {
        if (old.places[i].text) {
            *place_of(index, old.places[i].text, old.places[i].hash) = old.places[i];
        }
    }
    free(old.places);
}

uint64_t rg_text_index_of(struct rg_text_index *index, const char *text, bool *ret_is_new) {
    if (2 * (index->count + 1) > index->cap) {
        grow(index);
    }
    const uint64_t hash = rg_text_hash(text);
    struct rg_text_item *place = place_of(index, text, hash);
    *ret_is_new = !place->text;
    if (!place->text) {
        *place = (struct rg_text_item){rg_need_copy(text), hash, ++index->count};
    }
    return place->number;
}

void rg_text_index_done(struct rg_text_index *index) {
    for (size_t i = 0; i < index->cap; i++) {
        free(index->places[i].text);
    }
    free(index->places);
    *index = (struct rg_text_index){0};
}
