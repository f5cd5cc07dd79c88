// SPDX-License-Identifier: MIT
// The symbols of a module by address: answers what dwfl_module_addrinfo does, which goes through all of them each time.
// For one thread.
#ifndef RG_TOOLS_SYMBOL_MAP_H
#define RG_TOOLS_SYMBOL_MAP_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>

struct rg_symbol_map;

// Takes as long as a few calls of dwfl_module_addrinfo. Returns NULL when memory is short, and where the module has no
// symbols. The map is valid as long as the module.
struct rg_symbol_map *rg_symbol_map_make(Dwfl_Module *module);
void rg_symbol_map_free(struct rg_symbol_map *map);

// *ret_name: the symbol's name, which the module owns, or NULL where none fits. False: too many symbols overlap here for
// the map; dwfl_module_addrinfo tells.
bool rg_symbol_map_find(const struct rg_symbol_map *map, GElf_Addr address, const char **ret_name);

#endif
