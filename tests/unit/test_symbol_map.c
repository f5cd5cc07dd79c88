// SPDX-License-Identifier: MIT
// Claims about the map of a module's symbols: it answers what libdwfl does, of real programs and libraries.
#include "../../tools/symbol_map.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// How many symbols libdwfl may go through for a file: it does so for each address.
static unsigned long work = 6000000;

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,
};

struct compared {
    Dwfl_Module *module;
    struct rg_symbol_map *map;
    unsigned long named, nameless;
};

static const char *name_by_libdwfl(Dwfl_Module *module, GElf_Addr address) {
    GElf_Sym sym;
    GElf_Off offset;
    return dwfl_module_addrinfo(module, address, &offset, &sym, NULL, NULL, NULL);
}

static void compare(struct compared *c, GElf_Addr address) {
    const char *expected = name_by_libdwfl(c->module, address), *name;
    assert_true(rg_symbol_map_find(c->map, address, &name));
    if (!name != !expected || (name && strcmp(name, expected))) {
        fail_msg("%#lx: %s, libdwfl says %s", (unsigned long)address, name ? name : "nothing",
                 expected ? expected : "nothing");
    }
    *(name ? &c->named : &c->nameless) += 1;
}

// Every seventh byte of what runs, or fewer where that is more than the work allows.
static void compare_text(struct compared *c, GElf_Addr low, GElf_Addr high, unsigned long most) {
    GElf_Addr step = (high - low) / (most + 1);
    step = (step < 7 ? 7 : step) | 1;
    for (GElf_Addr at = low; at < high; at += step) {
        compare(c, at);
    }
}

// Where symbols begin and end, and around.
static void compare_edges(struct compared *c, int count, unsigned long most) {
    const int step = count / (int)(most / 5 + 1) + 1;
    for (int i = 1; i < count; i += step) {
        GElf_Sym sym;
        GElf_Addr low;
        if (dwfl_module_getsym_info(c->module, i, &sym, &low, NULL, NULL, NULL)) {
            compare(c, low - 1);
            compare(c, low);
            compare(c, low + sym.st_size - 1);
            compare(c, low + sym.st_size);
            compare(c, low + sym.st_size + 1);
        }
    }
}

static void compare_file(const char *path) {
    Dwfl *dwfl = dwfl_begin(&callbacks);
    struct compared c = {.module = dwfl_report_elf(dwfl, path, path, -1, 0, true)};
    GElf_Addr bias;
    size_t headers;
    assert_non_null(c.module);
    assert_int_equal(dwfl_report_end(dwfl, NULL, NULL), 0);
    Elf *elf = dwfl_module_getelf(c.module, &bias);
    assert_non_null(elf);
    const int count = dwfl_module_getsymtab(c.module);
    assert_true(count > 1);
    c.map = rg_symbol_map_make(c.module);
    assert_non_null(c.map);
    const unsigned long most = work / (unsigned long)count;
    assert_int_equal(elf_getphdrnum(elf, &headers), 0);
    for (size_t i = 0; i < headers; i++) {
        GElf_Phdr header;
        assert_non_null(gelf_getphdr(elf, (int)i, &header));
        if (header.p_type == PT_LOAD && header.p_flags & PF_X) {
            compare_text(&c, header.p_vaddr + bias, header.p_vaddr + header.p_memsz + bias, most);
        }
    }
    compare_edges(&c, count, most);
    print_message("%s: %d symbols, %lu addresses with a name, %lu without\n", path, count, c.named,
                  c.nameless);
    assert_true(c.named > 0);
    rg_symbol_map_free(c.map);
    dwfl_end(dwfl);
}

static const char *const *files;

static void answers_what_libdwfl_does(void **state) {
    (void)state;
    for (const char *const *file = files; *file; file++) {
        compare_file(*file);
    }
}

int main(int argc, char **argv) {
    static const char *const self[] = {"/proc/self/exe", NULL};
    const char *wanted = getenv("RG_TEST_SYMBOL_MAP_WORK"); // how thorough, where one has time
    work = wanted ? strtoul(wanted, NULL, 10) : work;
    unsetenv("DEBUGINFOD_URLS");
    files = argc > 1 ? (const char *const *)argv + 1 : self;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_what_libdwfl_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
