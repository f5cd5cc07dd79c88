// SPDX-License-Identifier: MIT
// See symbol_map.h. libdwfl's rules (elfutils 0.188): of the symbols with a size that hold the address, each takes the place
// of the one before, in the order of the symbol table, that begins lower or binds less, or begins at the same byte, binds as
// much and is longer. Those of local binding count only where there is no other one, nor one without size at the very address.
// Where none holds it, one without size does that no other one, up to the address, begins or ends behind, and that is in
// the section of the address.
#include "symbol_map.h"

#include <stdlib.h>
#include <string.h>

// Over this, which no module comes near, libdwfl tells.
enum { HOLDERS_MOST = 64 };

struct symbol {
    GElf_Addr low;
    GElf_Xword size;
    GElf_Addr highest; // the highest end of this one and of those before it in the table
    const char *name;
    int number;       // in the module's symbol table
    int rank;         // of its binding
    bool is_absolute; // not in a section
};

struct table {
    struct symbol *symbols; // by low, then number
    size_t count;
};

struct rg_symbol_map {
    Dwfl_Module *module;
    struct table others, locals;
};

static int rank_of(const GElf_Sym *sym) {
    switch (GELF_ST_BIND(sym->st_info)) {
    case STB_GLOBAL:
        return 3;
    case STB_WEAK:
        return 2;
    case STB_LOCAL:
        return 1;
    default:
        return 0;
    }
}

static bool is_place(const GElf_Sym *sym) {
    const int type = GELF_ST_TYPE(sym->st_info);
    return sym->st_shndx != SHN_UNDEF && type != STT_SECTION && type != STT_FILE && type != STT_TLS;
}

static int compare(const void *a, const void *b) {
    const struct symbol *x = a, *y = b;
    return x->low != y->low ? (x->low > y->low) - (x->low < y->low)
                            : (x->number > y->number) - (x->number < y->number);
}

// Those with numbers from first on, below end.
static bool fill(struct table *t, Dwfl_Module *module, int first, int end) {
    if (first >= end) {
        return true;
    }
    t->symbols = calloc((size_t)(end - first), sizeof *t->symbols);
    if (!t->symbols) {
        return false;
    }
    for (int i = first; i < end; i++) {
        GElf_Sym sym;
        GElf_Addr low;
        GElf_Word section;
        const char *name = dwfl_module_getsym_info(module, i, &sym, &low, &section, NULL, NULL);
        if (name && *name && is_place(&sym)) {
            t->symbols[t->count++] = (struct symbol){.low = low,
                                                     .size = sym.st_size,
                                                     .name = name,
                                                     .number = i,
                                                     .rank = rank_of(&sym),
                                                     .is_absolute = section >= SHN_LORESERVE};
        }
    }
    qsort(t->symbols, t->count, sizeof *t->symbols, compare);
    GElf_Addr highest = 0;
    for (size_t i = 0; i < t->count; i++) {
        const GElf_Addr end_here = t->symbols[i].low + t->symbols[i].size;
        highest = end_here > highest ? end_here : highest;
        t->symbols[i].highest = highest;
    }
    return true;
}

struct rg_symbol_map *rg_symbol_map_make(Dwfl_Module *module) {
    const int count = dwfl_module_getsymtab(module);
    const int first = dwfl_module_getsymtab_first_global(module);
    struct rg_symbol_map *map = count >= 0 && first >= 0 ? calloc(1, sizeof *map) : NULL;
    if (!map) {
        return NULL;
    }
    map->module = module;
    if (!fill(&map->others, module, first > 0 ? first : 1, count) ||
        !fill(&map->locals, module, 1, first)) {
        rg_symbol_map_free(map);
        return NULL;
    }
    return map;
}

void rg_symbol_map_free(struct rg_symbol_map *map) {
    if (map) {
        free(map->others.symbols);
        free(map->locals.symbols);
        free(map);
    }
}

// How many of the table begin at or below the address.
static size_t count_up_to(const struct table *t, GElf_Addr address) {
    size_t first = 0, last = t->count;
    while (first < last) {
        const size_t middle = first + (last - first) / 2;
        if (t->symbols[middle].low <= address) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    return first;
}

static bool is_better(const struct symbol *s, const struct symbol *best) {
    return s->low > best->low || s->rank > best->rank ||
           (s->low == best->low && s->rank == best->rank && s->size < best->size);
}

// *ret_symbol: NULL where no symbol of the table with a size holds the address. False: too many do.
static bool find_holder(const struct table *t, GElf_Addr address,
                        const struct symbol **ret_symbol) {
    const struct symbol *holders[HOLDERS_MOST];
    size_t count = 0;
    for (size_t i = count_up_to(t, address); i > 0; i--) {
        const struct symbol *s = &t->symbols[i - 1];
        if (s->highest <= address) {
            break;
        }
        if (address - s->low >= s->size) {
            continue;
        }
        if (count == HOLDERS_MOST) {
            return false;
        }
        size_t at = count++;
        for (; at > 0 && holders[at - 1]->number > s->number; at--) {
            holders[at] = holders[at - 1];
        }
        holders[at] = s;
    }
    *ret_symbol = count > 0 ? holders[0] : NULL;
    for (size_t i = 1; i < count; i++) {
        if (is_better(holders[i], *ret_symbol)) {
            *ret_symbol = holders[i];
        }
    }
    return true;
}

// An address in no section is in that of others of the kind.
static bool is_in_section(const struct rg_symbol_map *map, const struct symbol *symbol,
                          GElf_Addr address) {
    GElf_Addr low = symbol->low;
    Dwarf_Addr bias;
    if (symbol->is_absolute) {
        return low == address;
    }
    return dwfl_module_address_section(map->module, &address, &bias) ==
           dwfl_module_address_section(map->module, &low, &bias);
}

static GElf_Addr highest_of(const struct table *t, GElf_Addr address) {
    const size_t count = count_up_to(t, address);
    return count > 0 ? t->symbols[count - 1].highest : 0;
}

// The last one of the table without size at `low` and in the address's section.
static const struct symbol *find_label_in(const struct rg_symbol_map *map, const struct table *t,
                                          GElf_Addr low, GElf_Addr address) {
    for (size_t i = count_up_to(t, low); i > 0 && t->symbols[i - 1].low == low; i--) {
        const struct symbol *s = &t->symbols[i - 1];
        if (s->size == 0 && is_in_section(map, s, address)) {
            return s;
        }
    }
    return NULL;
}

// Where no symbol with a size holds the address.
static const struct symbol *find_label(const struct rg_symbol_map *map, GElf_Addr address) {
    const GElf_Addr others = highest_of(&map->others, address);
    const GElf_Addr locals = highest_of(&map->locals, address);
    const GElf_Addr low = others > locals ? others : locals;
    const struct symbol *found = find_label_in(map, &map->locals, low, address);
    return found ? found : find_label_in(map, &map->others, low, address);
}

bool rg_symbol_map_find(const struct rg_symbol_map *map, GElf_Addr address, const char **ret_name) {
    const struct symbol *found;
    if (!find_holder(&map->others, address, &found)) {
        return false;
    }
    if (!found) {
        found = find_label_in(map, &map->others, address, address);
    }
    if (!found && !find_holder(&map->locals, address, &found)) {
        return false;
    }
    if (!found) {
        found = find_label(map, address);
    }
    *ret_name = found ? found->name : NULL;
    return true;
}
