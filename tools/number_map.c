// SPDX-License-Identifier: MIT
// See number_map.h. Open addressing: what is not at its place is in the next ones.
#include "number_map.h"

#include "need.h"

#include <stdlib.h>

static size_t home_of(const struct rg_number_map *map, uint64_t number) {
    return (size_t)((number * 0x9e3779b97f4a7c15U) >> 32) & (map->cap - 1);
}

// The place of the number, or the free one where it belongs.
static struct rg_number_item *place_of(const struct rg_number_map *map, uint64_t number) {
    size_t at = home_of(map, number);
    while (map->places[at].item && map->places[at].number != number) {
        at = (at + 1) & (map->cap - 1);
    }
    return &map->places[at];
}

static void grow(struct rg_number_map *map) {
    struct rg_number_map old = *map;
    map->cap = old.cap ? 2 * old.cap : 16;
    map->places = rg_need(map->cap * sizeof *map->places);
    for (size_t i = 0; i < old.cap; i++) {
        if (old.places[i].item) {
            *place_of(map, old.places[i].number) = old.places[i];
        }
    }
    free(old.places);
}

void **rg_number_map_get(struct rg_number_map *map, uint64_t number) {
    if (2 * (map->count + 1) > map->cap) {
        grow(map);
    }
    struct rg_number_item *place = place_of(map, number);
    if (!place->item) {
        place->number = number;
        map->count++;
    }
    return &place->item;
}

void *rg_number_map_find(const struct rg_number_map *map, uint64_t number) {
    return map->cap ? place_of(map, number)->item : NULL;
}

void *rg_number_map_remove(struct rg_number_map *map, uint64_t number) {
    struct rg_number_item *place = map->cap ? place_of(map, number) : NULL;
    if (!place || !place->item) {
        return NULL;
    }
    void *item = place->item;
    const size_t mask = map->cap - 1;
    size_t hole = (size_t)(place - map->places);
    // Those behind it that would not be found any more move up.
    for (size_t at = (hole + 1) & mask; map->places[at].item; at = (at + 1) & mask) {
        const size_t home = home_of(map, map->places[at].number);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            map->places[hole] = map->places[at];
            hole = at;
        }
    }
    map->places[hole].item = NULL;
    map->count--;
    return item;
}

void rg_number_map_done(struct rg_number_map *map, void (*done)(void *item)) {
    for (size_t i = 0; i < map->cap; i++) {
        if (map->places[i].item) {
            done(map->places[i].item);
        }
    }
    free(map->places);
    *map = (struct rg_number_map){0};
}
