// SPDX-License-Identifier: MIT
// See modules.h. State: the epoch, atomic; the list of unloaded objects, under the MODULES lock, with
// entries in the metadata arena. Inherited by fork as it is.
#include "stack/modules.h"

#include "base/arena.h"
#include "base/lock.h"
#include "base/sys.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <string.h>

// An object that is gone: the pcs of stacks up to last_epoch may belong to it.
struct gone {
    struct rg_module module;
    uint32_t last_epoch;
    struct gone *next; // gone earlier
};

static struct gone *gone_list;
static _Atomic uint32_t current_epoch;

struct rg_module_list {
    struct rg_module_list *next;
    struct rg_module module;
};

uint32_t rg_modules_epoch(void) {
    return atomic_load_explicit(&current_epoch, memory_order_relaxed);
}

// The build-id is in a note: name "GNU", type 3.
static void find_build_id(const char *notes, size_t size, struct rg_module *m) {
    for (size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
        const ElfW(Nhdr) *n = (const ElfW(Nhdr) *)(const void *)(notes + at);
        const char *name = (const char *)(n + 1);
        const char *desc = name + ((n->n_namesz + 3) & ~3u);
        if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4 && memcmp(name, "GNU", 4) == 0) {
            m->build_id_len =
                n->n_descsz < sizeof m->build_id ? n->n_descsz : (unsigned)sizeof m->build_id;
            memcpy(m->build_id, desc, m->build_id_len);
            return;
        }
        at = (size_t)(desc - notes) + ((n->n_descsz + 3) & ~3u);
    }
}

static void read_headers(const ElfW(Phdr) * ph, size_t count, struct rg_module *m) {
    for (size_t i = 0; i < count; i++) {
        if (ph[i].p_type == PT_NOTE) {
            find_build_id((const char *)(m->bias + ph[i].p_vaddr), ph[i].p_memsz, m);
        } else if (ph[i].p_type == PT_LOAD) {
            uintptr_t start = m->bias + ph[i].p_vaddr, end = start + ph[i].p_memsz;
            m->start = !m->start || start < m->start ? start : m->start;
            m->end = end > m->end ? end : m->end;
        }
    }
}

static void set_path(struct rg_module *m, const char *name) {
    if (name && *name) {
        size_t n = strnlen(name, sizeof m->path - 1);
        memcpy(m->path, name, n);
        m->path[n] = 0;
        return;
    }
    long n = rg_sys3(SYS_readlink, (long)"/proc/self/exe", (long)m->path, sizeof m->path - 1);
    m->path[n > 0 ? n : 0] = 0;
}

static bool find_loaded(uintptr_t pc, struct rg_module *m) {
    struct dl_find_object object;
    if (_dl_find_object((void *)pc, &object) != 0) {
        return false;
    }
    *m = (struct rg_module){.bias = object.dlfo_link_map->l_addr};
    set_path(m, object.dlfo_link_map->l_name);
    const ElfW(Ehdr) *header = object.dlfo_map_start;
    if (rg_is_readable(header, sizeof *header) && memcmp(header->e_ident, ELFMAG, SELFMAG) == 0) {
        read_headers((const ElfW(Phdr) *)((uintptr_t)header + header->e_phoff), header->e_phnum, m);
    }
    m->start = (uintptr_t)object.dlfo_map_start;
    m->end = (uintptr_t)object.dlfo_map_end;
    return true;
}

bool rg_module_find(uintptr_t pc, uint32_t epoch, struct rg_module *ret) {
    const struct gone *best = NULL;
    rg_lock(RG_LOCK_MODULES);
    // Of those unloaded since, the one that went first was there at the time: the list runs from the
    // latest to the earliest, so it is the last match.
    for (const struct gone *g = gone_list; g && g->last_epoch >= epoch; g = g->next) {
        if (pc >= g->module.start && pc < g->module.end) {
            best = g;
        }
    }
    rg_unlock(RG_LOCK_MODULES);
    if (best) {
        *ret = best->module;
        return true;
    }
    return find_loaded(pc, ret);
}

static int add_module(struct dl_phdr_info *info, size_t size, void *arg) {
    struct rg_module_list **list = arg;
    struct rg_module_list *entry = rg_arena_alloc(sizeof *entry);
    (void)size;
    if (entry) {
        entry->module.bias = info->dlpi_addr;
        set_path(&entry->module, info->dlpi_name);
        read_headers(info->dlpi_phdr, info->dlpi_phnum, &entry->module);
        entry->next = *list;
        *list = entry;
    }
    return 0;
}

struct rg_module_list *rg_modules_list(void) {
    struct rg_module_list *list = NULL;
    dl_iterate_phdr(add_module, &list);
    return list;
}

static bool is_loaded(const struct rg_module *m) {
    struct dl_find_object object;
    return _dl_find_object((void *)m->start, &object) == 0 &&
           strcmp(object.dlfo_link_map->l_name, m->path) == 0;
}

void rg_modules_unloaded(struct rg_module_list *before) {
    bool any = false;
    for (struct rg_module_list *m = before; m; m = m->next) {
        bool is_main = m->next == NULL;
        if (is_main || is_loaded(&m->module)) {
            continue;
        }
        struct gone *g = rg_arena_alloc(sizeof *g);
        if (!g) {
            return;
        }
        g->module = m->module;
        any = true;
        rg_lock(RG_LOCK_MODULES);
        g->last_epoch = rg_modules_epoch();
        g->next = gone_list;
        gone_list = g;
        rg_unlock(RG_LOCK_MODULES);
    }
    if (any) {
        atomic_fetch_add(&current_epoch, 1);
    }
}
