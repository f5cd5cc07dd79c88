// SPDX-License-Identifier: MIT
// See unit_map.h.
#include "unit_map.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdlib.h>

struct range {
    Dwarf_Addr low;
    Dwarf_Addr high;
    size_t unit; // index into units
};

struct rg_unit_map {
    struct rg_unit *units;
    size_t unit_count, unit_cap;
    struct range *ranges; // sorted by low
    size_t range_count, range_cap;
};

// Makes room for one element more. Returns the array, moved perhaps, or NULL.
static void *grow(void *array, size_t count, size_t *cap, size_t size) {
    if (count < *cap) {
        return array;
    }
    size_t more = *cap ? *cap * 2 : 64;
    void *moved = reallocarray(array, more, size);
    if (moved) {
        *cap = more;
    }
    return moved;
}

static bool add_unit(struct rg_unit_map *map, const Dwarf_Die *lines, const Dwarf_Die *scopes) {
    struct rg_unit *units = grow(map->units, map->unit_count, &map->unit_cap, sizeof *units);
    if (!units) {
        return false;
    }
    map->units = units;
    units[map->unit_count++] = (struct rg_unit){.lines = *lines, .scopes = *scopes};
    return true;
}

static bool add_range(struct rg_unit_map *map, Dwarf_Addr low, Dwarf_Addr high) {
    struct range *ranges = grow(map->ranges, map->range_count, &map->range_cap, sizeof *ranges);
    if (!ranges) {
        return false;
    }
    map->ranges = ranges;
    ranges[map->range_count++] =
        (struct range){.low = low, .high = high, .unit = map->unit_count - 1};
    return true;
}

static int compare(const void *a, const void *b) {
    const struct range *x = a;
    const struct range *y = b;
    return (x->low > y->low) - (x->low < y->low);
}

static bool fill(struct rg_unit_map *map, Dwarf *dwarf) {
    Dwarf_CU *cu = NULL;
    Dwarf_Die die;
    Dwarf_Die split;
    uint8_t type;
    while (dwarf_get_units(dwarf, cu, &cu, NULL, &type, &die, &split) == 0) {
        bool is_split = type == DW_UT_skeleton && dwarf_tag(&split) == DW_TAG_compile_unit;
        Dwarf_Addr base;
        Dwarf_Addr low;
        Dwarf_Addr high;
        ptrdiff_t at = dwarf_ranges(&die, 0, &base, &low, &high);
        if (at > 0 && !add_unit(map, &die, is_split ? &split : &die)) {
            return false;
        }
        for (; at > 0; at = dwarf_ranges(&die, at, &base, &low, &high)) {
            if (low < high && !add_range(map, low, high)) {
                return false;
            }
        }
    }
    if (map->range_count > 0) {
        qsort(map->ranges, map->range_count, sizeof *map->ranges, compare);
    }
    return true;
}

struct rg_unit_map *rg_unit_map_make(Dwarf *dwarf) {
    struct rg_unit_map *map = calloc(1, sizeof *map);
    if (map && !fill(map, dwarf)) {
        rg_unit_map_free(map);
        return NULL;
    }
    return map;
}

void rg_unit_map_free(struct rg_unit_map *map) {
    if (map) {
        free(map->units);
        free(map->ranges);
        free(map);
    }
}

const struct rg_unit *rg_unit_map_find(const struct rg_unit_map *map, Dwarf_Addr pc) {
    size_t first = 0;
    size_t last = map->range_count;
    while (first < last) {
        size_t middle = first + (last - first) / 2;
        if (map->ranges[middle].low <= pc) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    // Sections that the linker dropped leave bogus ranges that overlap, so look on below.
    for (; first > 0; first--) {
        const struct range *r = &map->ranges[first - 1];
        if (pc < r->high) {
            return &map->units[r->unit];
        }
    }
    return NULL;
}
