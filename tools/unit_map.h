// SPDX-License-Identifier: MIT
// Which compilation unit covers an address. Made from the units' own ranges, because clang writes no
// .debug_aranges, the only index that libdw looks into.
#ifndef RG_TOOLS_UNIT_MAP_H
#define RG_TOOLS_UNIT_MAP_H

#include <elfutils/libdw.h>

struct rg_unit_map;

// A compilation unit. Both are the same unless its DWARF is split off into a .dwo file: then the
// line table belongs to `lines` and the functions are below `scopes`.
struct rg_unit {
    Dwarf_Die lines;
    Dwarf_Die scopes;
};

// Returns NULL when memory is short. The map is valid as long as dwarf is open.
struct rg_unit_map *rg_unit_map_make(Dwarf *dwarf);
void rg_unit_map_free(struct rg_unit_map *map);

// Returns the unit that covers pc, or NULL. The map owns it.
const struct rg_unit *rg_unit_map_find(const struct rg_unit_map *map, Dwarf_Addr pc);

#endif
