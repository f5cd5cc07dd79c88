// SPDX-License-Identifier: MIT
// See frames.h. No state of its own.
#include "report/frames.h"

#include "base/compiler.h"
#include "base/fmt.h"
#include "base/options.h"
#include "report/symbolizer.h"
#include "stack/modules.h"
#include "stack/walk.h"

#include <string.h>

const char *rg_last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_system_path(const char *path) {
    static const char *const folders[] = {"/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/"};
    for (size_t i = 0; i < RG_ARRAY_LEN(folders); i++) {
        if (strncmp(path, folders[i], strlen(folders[i])) == 0) {
            return true;
        }
    }
    return strncmp(path, "linux-vdso.", 11) == 0;
}

static void copy_field(char *to, size_t cap, const char *from, size_t len) {
    if (len == 1 && *from == '?') {
        len = 0;
    }
    len = len < cap - 1 ? len : cap - 1;
    memcpy(to, from, len);
    to[len] = 0;
}

static const char *strip_prefix(const char *file, size_t *len) {
    size_t n = strlen(rg_options.strip_path_prefix);
    if (n > 0 && n < *len && strncmp(file, rg_options.strip_path_prefix, n) == 0) {
        *len -= n;
        return file + n;
    }
    return file;
}

static const char *read_number(const char *c, int *ret) {
    for (; *c >= '0' && *c <= '9'; c++) {
        *ret = *ret * 10 + (*c - '0');
    }
    return c;
}

// Reads one line FUNCTION\tFILE\tLINE\tCOLUMN into the frame; returns the next line.
static const char *read_line(const char *line, struct rg_frame *f) {
    const char *end = strchr(line, '\n');
    const char *tab1 = strchr(line, '\t');
    const char *tab2 = tab1 ? strchr(tab1 + 1, '\t') : NULL;
    if (!end || !tab2 || tab2 > end) {
        return end ? end + 1 : line + strlen(line);
    }
    copy_field(f->function, sizeof f->function, line, (size_t)(tab1 - line));
    size_t len = (size_t)(tab2 - tab1 - 1);
    const char *file = strip_prefix(tab1 + 1, &len);
    copy_field(f->file, sizeof f->file, file, len);
    const char *tab3 = read_number(tab2 + 1, &f->line);
    if (*tab3 == '\t') {
        read_number(tab3 + 1, &f->column);
    }
    return end + 1;
}

static void put_build_id(struct rg_frame *f, const struct rg_module *m) {
    struct rg_buf b;
    rg_buf_init(&b, f->build_id, sizeof f->build_id);
    for (unsigned i = 0; i < m->build_id_len; i++) {
        rg_buf_fmt(&b, "%02x", m->build_id[i]);
    }
}

// The frame that all inlined frames of one pc start from.
static bool find_module(uintptr_t pc, uint32_t epoch, struct rg_frame *f, struct rg_module *m) {
    *f = (struct rg_frame){.is_system = true, .pc = pc, .offset = pc};
    if (!rg_module_find(pc, epoch, m)) {
        return false;
    }
    f->offset = pc - m->bias;
    f->is_system = is_system_path(m->path);
    copy_field(f->module, sizeof f->module, rg_last_part(m->path), strlen(rg_last_part(m->path)));
    copy_field(f->path, sizeof f->path, m->path, strlen(m->path));
    put_build_id(f, m);
    return true;
}

static struct rg_frame *add(struct rg_frames *r, const struct rg_frame *f) {
    if (r->count == RG_FRAMES_MAX) {
        return NULL;
    }
    r->frame[r->count] = *f;
    return &r->frame[r->count++];
}

static void resolve_pc(uintptr_t pc, uint32_t epoch, struct rg_frames *r) {
    static struct rg_frame base;
    static struct rg_module m;
    if (!find_module(pc, epoch, &base, &m)) {
        add(r, &base);
        return;
    }
    // The copy inside realloc can meet a stale page too, when threads race.
    if (rg_module_is_guard(pc)) {
        return;
    }
    const char *text =
        rg_options.symbolize ? rg_symbolizer_ask(m.path, base.offset, base.build_id) : NULL;
    size_t first = r->count;
    while (text && *text) {
        static struct rg_frame f;
        f = base;
        text = read_line(text, &f);
        f.inlined = text && *text;
        add(r, &f);
    }
    if (r->count == first) {
        add(r, &base);
    }
    struct rg_frame *last = &r->frame[r->count - 1];
    size_t offset;
    if (r->count == first + 1 && !last->function[0]) {
        rg_module_symbol(pc, last->function, sizeof last->function, &offset);
    }
}

size_t rg_frames_count_system(const struct rg_stack *stack) {
    static struct rg_module m;
    for (size_t i = 0; i < stack->count; i++) {
        if (rg_module_find(rg_pc_lookup(stack->pcs[i]), stack->epoch, &m) &&
            !is_system_path(m.path)) {
            return i;
        }
    }
    return stack->count;
}

// What lies below main is the same in every report, and nobody's business. Returns whether it was reached.
static bool cut_below_main(struct rg_frames *r) {
    bool is_reached = false;
    for (size_t i = 0; i < r->count; i++) {
        const struct rg_frame *f = &r->frame[i];
        if (!f->is_system && strcmp(f->function, "main") == 0) {
            r->count = i + 1;
            is_reached = true;
        } else if (f->is_system && strncmp(f->function, "__libc_start_", 13) == 0) {
            // Without debug information the C library's innermost of these has no name.
            bool unnamed = i > 0 && r->frame[i - 1].is_system && !r->frame[i - 1].function[0];
            r->count = i - unnamed;
            is_reached = true;
        }
    }
    return is_reached;
}

static size_t find_own(const struct rg_frames *r) {
    for (size_t i = 0; i < r->count; i++) {
        if (!r->frame[i].is_system) {
            return i;
        }
    }
    return r->count;
}

void rg_frames_resolve(const struct rg_stack *stack, size_t most, struct rg_frames *ret) {
    ret->count = 0;
    for (size_t i = 0; i < stack->count; i++) {
        resolve_pc(rg_pc_lookup(stack->pcs[i]), stack->epoch, ret);
    }
    bool is_full = stack->count >= most || ret->count == RG_FRAMES_MAX;
    ret->is_cut = !cut_below_main(ret) && is_full;
    ret->own = find_own(ret);
}
