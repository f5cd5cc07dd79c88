// SPDX-License-Identifier: MIT
// Function names from an object's own dynamic symbol table: the fallback where no symbolizer can be
// started. Reads the mapped tables only; no state, async-signal-safe.
#include "stack/modules.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

struct tables {
    const ElfW(Sym) * symbols;
    const char *strings;
    const uint32_t *gnu_hash;
};

static bool find_tables(const struct link_map *map, struct tables *t) {
    *t = (struct tables){0};
    for (const ElfW(Dyn) *d = map->l_ld; d && d->d_tag != DT_NULL; d++) {
        // The loader has turned these into addresses, except in the vDSO.
        uintptr_t at = d->d_un.d_ptr < map->l_addr ? map->l_addr + d->d_un.d_ptr : d->d_un.d_ptr;
        if (d->d_tag == DT_SYMTAB) {
            t->symbols = (const ElfW(Sym) *)at;
        } else if (d->d_tag == DT_STRTAB) {
            t->strings = (const char *)at;
        } else if (d->d_tag == DT_GNU_HASH) {
            t->gnu_hash = (const uint32_t *)at;
        }
    }
    return t->symbols && t->strings && t->gnu_hash;
}

// The number of symbols, which only the hash table tells: the end of its longest chain.
static uint32_t count_symbols(const uint32_t *hash) {
    uint32_t buckets = hash[0], first = hash[1], bloom_words = hash[2];
    const uint32_t *bucket = hash + 4 + bloom_words * 2;
    const uint32_t *chain = bucket + buckets;
    uint32_t last = 0;
    for (uint32_t i = 0; i < buckets; i++) {
        last = bucket[i] > last ? bucket[i] : last;
    }
    if (last < first) {
        return first;
    }
    while (!(chain[last - first] & 1)) {
        last++;
    }
    return last + 1;
}

bool rg_module_symbol(uintptr_t pc, char *ret_name, size_t cap, size_t *ret_offset) {
    struct dl_find_object object;
    struct tables t;
    if (_dl_find_object((void *)pc, &object) != 0 || !find_tables(object.dlfo_link_map, &t)) {
        return false;
    }
    uintptr_t value = pc - object.dlfo_link_map->l_addr;
    const ElfW(Sym) *best = NULL;
    uint32_t count = count_symbols(t.gnu_hash);
    for (uint32_t i = 0; i < count; i++) {
        const ElfW(Sym) *s = &t.symbols[i];
        unsigned type = ELF64_ST_TYPE(s->st_info);
        if ((type == STT_FUNC || type == STT_GNU_IFUNC) && s->st_shndx != SHN_UNDEF &&
            value >= s->st_value && value < s->st_value + s->st_size) {
            best = s;
        }
    }
    if (!best) {
        return false;
    }
    size_t n = strnlen(t.strings + best->st_name, cap - 1);
    memcpy(ret_name, t.strings + best->st_name, n);
    ret_name[n] = 0;
    *ret_offset = value - best->st_value;
    return true;
}
