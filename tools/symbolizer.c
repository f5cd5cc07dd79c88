// SPDX-License-Identifier: MIT
// See symbolizer.h. Each file is a libdwfl session of its own, reported at base 0, so the addresses
// of different files never meet and a file's addresses are the ELF's own.
#include "symbolizer.h"

#include "symbol_map.h"
#include "unit_map.h"

#include <elfutils/libdwfl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// A map of a module's symbols takes as long to make as a few look-ups without one. A report asks for few addresses.
enum { LOOKUPS_WITHOUT_MAP = 16 };

struct module {
    struct module *next;
    char *path;
    char *build_id;
    int error; // 0, or why the file cannot be used
    Dwfl *dwfl;
    Dwfl_Module *dwfl_module;
    unsigned lookups;              // without a map of the symbols, so far
    struct rg_symbol_map *symbols; // NULL: not made yet, or it cannot be
    struct rg_unit_map *units;     // NULL without DWARF
    Dwarf_Addr dwarf_bias;         // file address = DWARF address + this
};

struct rg_symbolizer {
    struct module *modules; // most recently opened first
};

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,
};

struct rg_symbolizer *rg_symbolizer_open(void) {
    unsetenv("DEBUGINFOD_URLS");
    return calloc(1, sizeof(struct rg_symbolizer));
}

static void close_module(struct module *m) {
    rg_symbol_map_free(m->symbols);
    rg_unit_map_free(m->units);
    dwfl_end(m->dwfl);
    free(m->path);
    free(m->build_id);
    free(m);
}

void rg_symbolizer_close(struct rg_symbolizer *s) {
    while (s->modules) {
        struct module *m = s->modules;
        s->modules = m->next;
        close_module(m);
    }
    free(s);
}

static bool has_build_id(Dwfl_Module *module, const char *wanted) {
    if (!strcmp(wanted, "-")) {
        return true;
    }
    const unsigned char *bytes;
    GElf_Addr vaddr;
    int count = dwfl_module_build_id(module, &bytes, &vaddr);
    if (count <= 0 || strlen(wanted) != 2 * (size_t)count) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        const char *digits = "0123456789abcdef";
        if (wanted[2 * i] != digits[bytes[i] >> 4] || wanted[2 * i + 1] != digits[bytes[i] & 15]) {
            return false;
        }
    }
    return true;
}

static int report(struct module *m) {
    m->dwfl = dwfl_begin(&callbacks);
    if (!m->dwfl) {
        return -ENOMEM;
    }
    m->dwfl_module = dwfl_report_elf(m->dwfl, m->path, m->path, -1, 0, true);
    if (!m->dwfl_module || dwfl_report_end(m->dwfl, NULL, NULL) != 0) {
        return -ENOEXEC;
    }
    // libdwfl reads the build-id with the main file.
    GElf_Addr elf_bias;
    if (!dwfl_module_getelf(m->dwfl_module, &elf_bias)) {
        return -ENOEXEC;
    }
    if (!has_build_id(m->dwfl_module, m->build_id)) {
        return -ESTALE;
    }
    Dwarf *dwarf = dwfl_module_getdwarf(m->dwfl_module, &m->dwarf_bias);
    m->units = dwarf ? rg_unit_map_make(dwarf) : NULL;
    return 0;
}

static struct module *get_module(struct rg_symbolizer *s, const char *path, const char *build_id) {
    for (struct module *m = s->modules; m; m = m->next) {
        if (!strcmp(m->path, path) && !strcmp(m->build_id, build_id)) {
            return m;
        }
    }
    struct module *m = calloc(1, sizeof *m);
    if (!m) {
        return NULL;
    }
    m->path = strdup(path);
    m->build_id = strdup(build_id);
    m->error = m->path && m->build_id ? report(m) : -ENOMEM;
    if (m->error == -ENOMEM) {
        close_module(m);
        return NULL;
    }
    m->next = s->modules;
    s->modules = m;
    return m;
}

static const char *symbol_at(struct module *m, uint64_t address) {
    const char *name;
    if (m->lookups <= LOOKUPS_WITHOUT_MAP && m->lookups++ == LOOKUPS_WITHOUT_MAP) {
        m->symbols = rg_symbol_map_make(m->dwfl_module);
    }
    if (m->symbols && rg_symbol_map_find(m->symbols, address, &name)) {
        return name;
    }
    GElf_Sym sym;
    GElf_Off offset;
    return dwfl_module_addrinfo(m->dwfl_module, address, &offset, &sym, NULL, NULL, NULL);
}

int rg_symbolizer_lookup(struct rg_symbolizer *s, const char *path, const char *build_id,
                         uint64_t address, rg_frame_fn emit, void *arg) {
    struct module *m = get_module(s, path, build_id);
    if (!m) {
        return -ENOMEM;
    }
    if (m->error) {
        return m->error;
    }
    const char *symbol = symbol_at(m, address);
    Dwarf_Addr pc = address - m->dwarf_bias;
    const struct rg_unit *unit = m->units ? rg_unit_map_find(m->units, pc) : NULL;
    if (!unit && !symbol) {
        return -ENOENT;
    }
    rg_dwarf_frames(unit, pc, symbol, emit, arg);
    return 0;
}
