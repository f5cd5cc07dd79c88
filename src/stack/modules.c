// SPDX-License-Identifier: MIT
// See modules.h. State: the epoch, atomic; the list of unloads, which grows under the MODULES lock and is
// read without it, with entries in the metadata arena. Inherited by fork as it is.
#include "stack/modules.h"

#include "base/arena.h"
#include "base/lock.h"
#include "base/sys.h"
#include "base/vmem.h"
#include "stack/walk.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>

// An object that has been unloaded from its place.
struct object {
    struct rg_module module;
    _Atomic bool must_end; // its next unload must be entered, though one is
};

// An unload: the pcs of stacks up to `epoch` may belong to the object. An object that comes back to its
// place is known by its first unload, so objects that take turns at one place need no new entries.
struct gone {
    struct object *object;
    uint32_t epoch;    // which ended with it
    struct gone *next; // gone earlier
};

static _Atomic(struct gone *) gone_list;
_Atomic uint32_t rg_modules_current_epoch;

// A snapshot of what is loaded, in memory of its own that is given back.
enum { LIST_MAX = 2000 };
struct rg_module_list {
    size_t count;
    bool is_cut; // there are more
    struct rg_module module[LIST_MAX];
};

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
    if (n > 0) {
        m->path[n] = 0;
        return;
    }
    // Without /proc: as the program was started, which may be by a relative path.
    const char *started = (const char *)getauxval(AT_EXECFN);
    if (started && *started) {
        set_path(m, started);
    }
}

bool rg_module_find_loaded(uintptr_t pc, struct rg_module *m) {
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

static bool is_loaded(const struct rg_module *m) {
    struct dl_find_object object;
    return _dl_find_object((void *)m->start, &object) == 0 &&
           strncmp(object.dlfo_link_map->l_name, m->path, sizeof m->path - 1) == 0;
}

static bool covers(const struct gone *g, uintptr_t pc) {
    return pc >= g->object->module.start && pc < g->object->module.end;
}

// The epochs, from first to last, that lead rg_module_find to the object that holds pc now.
struct span {
    uint32_t first, last;
    struct object *object; // where it has been unloaded before
};

static struct span span_of(const struct gone *list, uintptr_t pc) {
    struct span span = {.last = rg_modules_epoch()};
    uint32_t after_all = 0; // the last unload of any other
    for (const struct gone *g = list; g; g = g->next) {
        if (!covers(g, pc)) {
            continue;
        }
        if (!span.object && is_loaded(&g->object->module)) {
            span.object = g->object;
            span.last = g->epoch;
        } else if (g->object != span.object && span.object) {
            span.first = g->epoch + 1;
            return span;
        } else if (!span.object && !after_all) {
            after_all = g->epoch + 1;
        }
    }
    span.first = span.object ? 0 : after_all;
    return span;
}

uint32_t rg_modules_epoch_of(const uintptr_t *pcs, size_t count) {
    const struct gone *list = atomic_load_explicit(&gone_list, memory_order_acquire);
    uint32_t first = 0, last = UINT32_MAX;
    for (size_t i = 0; list && i < count; i++) {
        struct span span = span_of(list, rg_pc_lookup(pcs[i]));
        first = span.first > first ? span.first : first;
        last = span.last < last ? span.last : last;
    }
    if (first <= last) {
        return first;
    }
    // No past epoch fits all of them. The present one will, if it ends with the next unload of each.
    for (size_t i = 0; i < count; i++) {
        struct object *object = span_of(list, rg_pc_lookup(pcs[i])).object;
        if (object) {
            atomic_store(&object->must_end, true);
        }
    }
    return rg_modules_epoch();
}

bool rg_module_find(uintptr_t pc, uint32_t epoch, struct rg_module *ret) {
    const struct gone *best = NULL;
    // Of those unloaded since, the one that went first was there at the time: the list runs from the
    // latest to the earliest, so it is the last match.
    for (const struct gone *g = atomic_load(&gone_list); g && g->epoch >= epoch; g = g->next) {
        best = covers(g, pc) ? g : best;
    }
    if (best) {
        *ret = best->object->module;
        return true;
    }
    return rg_module_find_loaded(pc, ret);
}

bool rg_module_is_guard(uintptr_t pc) {
    struct dl_find_object here, there;
    return _dl_find_object((void *)(uintptr_t)&rg_module_is_guard, &here) == 0 &&
           _dl_find_object((void *)pc, &there) == 0 && here.dlfo_link_map == there.dlfo_link_map;
}

static int add_module(struct dl_phdr_info *info, size_t size, void *arg) {
    struct rg_module_list *list = arg;
    (void)size;
    if (list->count == LIST_MAX) {
        list->is_cut = true;
    } else {
        struct rg_module *m = &list->module[list->count++];
        m->bias = info->dlpi_addr;
        set_path(m, info->dlpi_name);
        read_headers(info->dlpi_phdr, info->dlpi_phnum, m);
    }
    return 0;
}

static size_t list_bytes(void) {
    return rg_align_up(sizeof(struct rg_module_list), RG_PAGE_SIZE);
}

struct rg_module_list *rg_modules_list(void) {
    struct rg_module_list *list = rg_vmem_map_metadata(list_bytes());
    if (list) {
        dl_iterate_phdr(add_module, list);
    }
    return list;
}

static bool is_same(const struct rg_module *a, const struct rg_module *b) {
    return a->start == b->start && a->end == b->end && strcmp(a->path, b->path) == 0 &&
           a->build_id_len == b->build_id_len &&
           memcmp(a->build_id, b->build_id, a->build_id_len) == 0;
}

// Under the MODULES lock, as what follows.
static struct object *find_object(const struct rg_module *m) {
    for (const struct gone *g = atomic_load(&gone_list); g; g = g->next) {
        if (is_same(&g->object->module, m)) {
            return g->object;
        }
    }
    return NULL;
}

static void enter_unload(struct object *o) {
    struct gone *g = o ? rg_arena_alloc(sizeof *g) : NULL;
    if (g) {
        *g = (struct gone){o, rg_modules_epoch(), atomic_load(&gone_list)};
        atomic_store_explicit(&gone_list, g, memory_order_release);
        atomic_fetch_add(&rg_modules_current_epoch, 1);
    }
}

static void add_gone(const struct rg_module *m) {
    rg_lock(RG_LOCK_MODULES);
    struct object *o = find_object(m);
    if (!o) {
        o = rg_arena_alloc(sizeof *o);
        if (o) {
            o->module = *m;
        }
        enter_unload(o);
    } else if (atomic_exchange(&o->must_end, false)) {
        enter_unload(o);
    }
    rg_unlock(RG_LOCK_MODULES);
}

bool rg_modules_unloaded(struct rg_module_list *before) {
    bool any = !before || before->is_cut;
    // The first is the program itself.
    for (size_t i = 1; before && i < before->count; i++) {
        if (!is_loaded(&before->module[i])) {
            any = true;
            add_gone(&before->module[i]);
        }
    }
    if (before) {
        rg_vmem_unmap(before, list_bytes());
    }
    return any;
}
