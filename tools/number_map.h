// SPDX-License-Identifier: MIT
// Finds what belongs to a number: a process by its id, a finding by its fingerprint. Zero-filled it is empty.
#ifndef RG_TOOLS_NUMBER_MAP_H
#define RG_TOOLS_NUMBER_MAP_H

#include <stddef.h>
#include <stdint.h>

struct rg_number_map {
    struct rg_number_item {
        uint64_t number;
        void *item; // not owned; NULL: the place is free
    } * places;
    size_t cap;   // a power of two, or 0
    size_t count; // at most half of cap
};

// Where the item of the number is kept, NULL inside where there is none yet: the caller must store one there before the
// next call. Valid until then.
void **rg_number_map_get(struct rg_number_map *map, uint64_t number);

// The item, or NULL.
void *rg_number_map_find(const struct rg_number_map *map, uint64_t number);

// Takes the item out and returns it, or NULL.
void *rg_number_map_remove(struct rg_number_map *map, uint64_t number);

// Frees each item with the function, and the map, which is empty then.
void rg_number_map_done(struct rg_number_map *map, void (*done)(void *item));

#endif
