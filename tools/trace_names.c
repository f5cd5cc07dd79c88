// SPDX-License-Identifier: MIT
// See trace_names.h.
#include "trace_names.h"

#include "need.h"
#include "number_map.h"
#include "symbolizer.h"

#include "base/compiler.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct entry {
    struct entry *next; // of the same hash
    struct rg_trace_frame frame;
    struct rg_trace_name *names;
    size_t count;
};

struct module_kind {
    const char *name; // of the file
    bool is_known;    // whether the rest is
    bool is_own;
    bool is_regular; // a file that can be looked into
};

struct rg_trace_names {
    const struct rg_trace_reader *reader;
    struct rg_symbolizer *symbolizer;
    struct rg_number_map entries; // struct entry, by a hash of the frame
    struct module_kind *kinds;    // by module
    size_t kind_cap;
};

struct rg_trace_names *rg_trace_names_open(const struct rg_trace_reader *r) {
    struct rg_symbolizer *symbolizer = rg_symbolizer_open();
    if (!symbolizer) {
        return NULL;
    }
    struct rg_trace_names *n = rg_need(sizeof *n);
    n->reader = r;
    n->symbolizer = symbolizer;
    return n;
}

static void free_entries(void *item) {
    struct entry *e = item;
    while (e) {
        struct entry *next = e->next;
        for (size_t i = 0; i < e->count; i++) {
            free((void *)e->names[i].function);
            free((void *)e->names[i].file);
        }
        free(e->names);
        free(e);
        e = next;
    }
}

void rg_trace_names_close(struct rg_trace_names *n) {
    rg_number_map_done(&n->entries, free_entries);
    rg_symbolizer_close(n->symbolizer);
    free(n->kinds);
    free(n);
}

static bool begins_with_any(const char *text, const char *const *beginnings, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!strncmp(text, beginnings[i], strlen(beginnings[i]))) {
            return true;
        }
    }
    return false;
}

// The C and C++ libraries, the loader and the guard.
static bool is_language_library(const char *name) {
    static const char *const names[] = {
        "libc.so",  "libc-2.",    "libstdc++.so",       "libc++.so", "libc++abi.so", "libgcc_s.so",
        "libm.so",  "libpthread", "librealloc_guard.s", "ld-linux",  "linux-vdso.s", "ld-musl",
        "libdl.so", "librt.so"};
    return begins_with_any(name, names, RG_ARRAY_LEN(names));
}

static bool is_system_path(const char *path) {
    static const char *const folders[] = {"/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/",
                                          "linux-vdso."};
    return begins_with_any(path, folders, RG_ARRAY_LEN(folders));
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static const struct module_kind *kind_of(struct rg_trace_names *n, uint32_t index) {
    static const struct module_kind none = {.name = "", .is_known = true};
    const struct rg_trace_module *m = rg_trace_reader_module(n->reader, index);
    if (!m) {
        return &none;
    }
    n->kinds = rg_need_index(n->kinds, &n->kind_cap, index, sizeof *n->kinds);
    struct module_kind *kind = &n->kinds[index];
    if (!kind->is_known) {
        struct stat st;
        const char *program = rg_trace_reader_info(n->reader)->program;
        kind->name = last_part(m->path);
        kind->is_own = !is_language_library(kind->name) &&
                       (!is_system_path(m->path) || !strcmp(m->path, program));
        // A trace may name anything: a named pipe would be waited for.
        kind->is_regular = stat(m->path, &st) == 0 && S_ISREG(st.st_mode);
        kind->is_known = true;
    }
    return kind;
}

// Functions of the C++ library that are compiled into the program.
static bool is_of_language(const struct rg_trace_name *name) {
    static const char *const functions[] = {"std::", "__gnu_cxx::", "operator new",
                                            "void std::", "bool std::"};
    return begins_with_any(name->function, functions, RG_ARRAY_LEN(functions)) ||
           (name->file && strstr(name->file, "/include/c++/"));
}

static void take_name(void *arg, const struct rg_frame *frame) {
    struct entry *e = arg;
    e->names = rg_need_room(e->names, e->count, sizeof *e->names);
    e->names[e->count++] =
        (struct rg_trace_name){.function = frame->function ? rg_need_copy(frame->function) : NULL,
                               .file = frame->file ? rg_need_copy(frame->file) : NULL,
                               .line = frame->line > 0 ? (unsigned)frame->line : 0};
}

static void look_up(struct rg_trace_names *n, struct entry *e) {
    const struct rg_trace_module *m = rg_trace_reader_module(n->reader, e->frame.module);
    const struct module_kind *kind = kind_of(n, e->frame.module);
    if (m && kind->is_regular) {
        rg_symbolizer_lookup(n->symbolizer, m->path, m->build_id, e->frame.address, take_name, e);
    }
    if (e->count == 0) {
        take_name(e, &(struct rg_frame){0});
    }
    for (size_t i = 0; i < e->count; i++) {
        struct rg_trace_name *name = &e->names[i];
        if (!name->function) {
            name->function = m ? rg_need_text("%s+0x%" PRIx64, kind->name, e->frame.address)
                               : rg_need_text("0x%" PRIx64, e->frame.address);
        }
        name->module = kind->name;
        name->is_inlined = i + 1 < e->count;
        name->is_own = kind->is_own && !is_of_language(name);
    }
}

struct rg_trace_frame_names rg_trace_names_of(struct rg_trace_names *n,
                                              struct rg_trace_frame frame) {
    const uint64_t hash = (frame.address ^ (uint64_t)frame.module << 44) + 1;
    void **first = rg_number_map_get(&n->entries, hash);
    struct entry *e = *first;
    while (e && (e->frame.module != frame.module || e->frame.address != frame.address)) {
        e = e->next;
    }
    if (!e) {
        e = rg_need(sizeof *e);
        e->next = *first;
        e->frame = frame;
        *first = e;
        look_up(n, e);
    }
    return (struct rg_trace_frame_names){.names = e->names, .count = e->count};
}

// A function whose callers are what a person wants to know: xrealloc, g_malloc0, PyMem_RawMalloc, dbMallocRaw. Not one
// like reallocate_table or malloc_test.
static bool is_wrapper(const char *function) {
    static const char *const words[] = {"malloc",  "calloc", "zalloc",
                                        "realloc", "strdup", "strndup"};
    static const char *const ends[] = {"", "array", "_n", "n", "z"};
    char name[128];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(function, "(<+"), function);
    for (size_t i = 0; i < RG_ARRAY_LEN(words); i++) {
        const char *found = strcasestr(name, words[i]);
        const char *rest = found ? found + strlen(words[i]) : "_";
        bool is_end = isdigit((unsigned char)*rest) || isupper((unsigned char)*rest);
        for (size_t j = 0; j < RG_ARRAY_LEN(ends); j++) {
            is_end |= !strcmp(rest, ends[j]);
        }
        if (is_end) {
            return true;
        }
    }
    return false;
}

const struct rg_trace_name *rg_trace_names_site(struct rg_trace_names *n, uint32_t stack) {
    const struct rg_trace_stack s = rg_trace_reader_stack(n->reader, stack);
    const struct rg_trace_name *wrapper = NULL, *outside = NULL, *innermost = NULL;
    for (size_t i = 0; i < s.count; i++) {
        const struct rg_trace_frame_names names = rg_trace_names_of(n, s.frames[i]);
        for (size_t j = 0; j < names.count; j++) {
            const struct rg_trace_name *name = names.names + j;
            const bool wraps = is_wrapper(name->function);
            if (name->is_own && !wraps) {
                return name;
            }
            innermost = innermost ? innermost : name;
            wrapper = !wrapper && name->is_own ? name : wrapper;
            // Of a library that the system has, but the C and C++ libraries.
            outside = !outside && !wraps && *name->module && !is_language_library(name->module) &&
                              !is_of_language(name)
                          ? name
                          : outside;
        }
    }
    return wrapper ? wrapper : outside ? outside : innermost;
}
