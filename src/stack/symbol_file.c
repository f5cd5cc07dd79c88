// SPDX-License-Identifier: MIT
// See symbol_file.h. The file is mapped for as long as it is looked at, and nothing in it is trusted to lie within it.
// No state.
#include "stack/symbol_file.h"

#include "base/sys.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct file {
    const char *data;
    size_t size;
};

// So many bytes at an offset; NULL where the file has none.
static const void *at(const struct file *f, size_t offset, size_t bytes) {
    return offset <= f->size && bytes <= f->size - offset ? f->data + offset : NULL;
}

static bool map_file(const char *path, struct file *ret) {
    struct stat st = {0};
    long fd = rg_sys3(SYS_open, (long)path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    long data = -1;
    if (rg_sys2(SYS_fstat, fd, (long)&st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        data = rg_sys6(SYS_mmap, 0, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    rg_sys2(SYS_close, fd, 0);
    *ret = (struct file){(const char *)data, (size_t)st.st_size};
    return (unsigned long)data < -4096UL;
}

// What a symbol is compared with.
struct query {
    uintptr_t value; // in the file's own addresses
    rg_symbol_matches_fn *matches;
    void *arg;
};

static bool covers(const ElfW(Sym) * s, uintptr_t value) {
    unsigned type = ELF64_ST_TYPE(s->st_info);
    return (type == STT_FUNC || type == STT_GNU_IFUNC) && s->st_shndx != SHN_UNDEF &&
           value >= s->st_value && value < s->st_value + s->st_size;
}

static bool any_in_table(const struct file *f, const ElfW(Shdr) * table, const ElfW(Shdr) * names,
                         const struct query *q) {
    const ElfW(Sym) *symbols = at(f, table->sh_offset, table->sh_size);
    const char *strings = at(f, names->sh_offset, names->sh_size);
    if (!symbols || !strings || names->sh_size == 0 || strings[names->sh_size - 1]) {
        return false;
    }
    for (size_t i = 0; i < table->sh_size / sizeof *symbols; i++) {
        if (covers(&symbols[i], q->value) && symbols[i].st_name < names->sh_size &&
            q->matches(strings + symbols[i].st_name, q->arg)) {
            return true;
        }
    }
    return false;
}

static bool any_in_file(const struct file *f, const struct query *q) {
    const ElfW(Ehdr) *header = at(f, 0, sizeof *header);
    if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_shentsize != sizeof(ElfW(Shdr))) {
        return false;
    }
    const ElfW(Shdr) *sections = at(f, header->e_shoff, header->e_shnum * sizeof *sections);
    for (size_t i = 0; sections && i < header->e_shnum; i++) {
        const ElfW(Shdr) *s = &sections[i];
        bool is_table = s->sh_type == SHT_SYMTAB || s->sh_type == SHT_DYNSYM;
        if (is_table && s->sh_link < header->e_shnum &&
            any_in_table(f, s, &sections[s->sh_link], q)) {
            return true;
        }
    }
    return false;
}

bool rg_symbol_any(uintptr_t pc, const struct rg_module *m, rg_symbol_matches_fn *matches,
                   void *arg) {
    struct query q = {pc - m->bias, matches, arg};
    struct file f;
    char name[256];
    size_t offset;
    if (rg_may_open() && map_file(m->path, &f)) {
        bool found = any_in_file(&f, &q);
        rg_sys2(SYS_munmap, (long)f.data, (long)f.size);
        return found;
    }
    return rg_module_symbol(pc, name, sizeof name, &offset) && matches(name, arg);
}
