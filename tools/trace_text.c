// SPDX-License-Identifier: MIT
// See trace_text.h.
#include "trace_text.h"

#include "need.h"
#include "text_out.h"

#include "base/compiler.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct rg_trace_text rg_bytes_text(uint64_t bytes) {
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    struct rg_trace_text t;
    if (bytes < 1000) {
        snprintf(t.text, sizeof t.text, "%" PRIu64 " B", bytes);
        return t;
    }
    double n = (double)bytes / 1000;
    size_t unit = 0;
    // 999.5 would be written as 1000.
    while (n >= 999.5 && unit + 1 < RG_ARRAY_LEN(units)) {
        n /= 1000;
        unit++;
    }
    snprintf(t.text, sizeof t.text, "%.*f %s", n < 9.995 ? 2 : n < 99.95 ? 1 : 0, n, units[unit]);
    return t;
}

struct rg_trace_text rg_count_text(uint64_t n) {
    struct rg_trace_text t = {""};
    char digits[24];
    const size_t len = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, n);
    char *to = t.text;
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            *to++ = ',';
        }
        *to++ = digits[i];
    }
    *to = 0;
    return t;
}

struct rg_trace_text rg_ns_text(uint64_t ns) {
    struct rg_trace_text t;
    const double s = (double)ns / 1e9;
    if (ns < 1000) {
        snprintf(t.text, sizeof t.text, "%" PRIu64 " ns", ns);
    } else if (ns < 1000000) {
        snprintf(t.text, sizeof t.text, "%.3g us", (double)ns / 1e3);
    } else if (ns < 1000000000) {
        snprintf(t.text, sizeof t.text, "%.*f ms", s < 0.01 ? 2 : s < 0.1 ? 1 : 0, s * 1e3);
    } else if (ns < 60 * UINT64_C(1000000000)) {
        snprintf(t.text, sizeof t.text, "%.*f s", s < 10 ? 2 : 1, s);
    } else if (ns < 3600 * UINT64_C(1000000000)) {
        snprintf(t.text, sizeof t.text, "%u min %u s", (unsigned)s / 60, (unsigned)s % 60);
    } else {
        const uint64_t minutes = ns / 1000000000 / 60;
        snprintf(t.text, sizeof t.text, "%" PRIu64 " h %u min", minutes / 60,
                 (unsigned)(minutes % 60));
    }
    return t;
}

struct rg_trace_text rg_share_text(uint64_t part, uint64_t whole) {
    struct rg_trace_text t = {"-"};
    if (whole > 0) {
        snprintf(t.text, sizeof t.text, "%.1f %%", 100 * (double)part / (double)whole);
    }
    return t;
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *rg_trace_name_text(const struct rg_trace_name *name) {
    if (!name) {
        return rg_need_copy("?");
    }
    if (name->file) {
        return name->line
                   ? rg_need_text("%s %s:%u", name->function, last_part(name->file), name->line)
                   : rg_need_text("%s %s", name->function, last_part(name->file));
    }
    // Where the function has no name it is told by its module already.
    const size_t len = strlen(name->module);
    if (len == 0 || (!strncmp(name->function, name->module, len) && name->function[len] == '+')) {
        return rg_need_copy(name->function);
    }
    return rg_need_text("%s (%s)", name->function, name->module);
}

static void put_name(FILE *out, const struct rg_trace_name *name, int indent) {
    char *text = rg_trace_name_text(name);
    fprintf(out, "%*s", indent, "");
    rg_put_printable(out, text);
    fputc('\n', out);
    free(text);
}

// The frames of others that were left out, a line for all of them.
static void put_others(FILE *out, const struct rg_trace_name *first, size_t count, int indent) {
    if (count == 1) {
        put_name(out, first, indent);
    } else if (count > 1) {
        fprintf(out, "%*s... %zu frames of ", indent, "", count);
        rg_put_printable(out, *first->module ? first->module : "unknown code");
        fputc('\n', out);
    }
}

// Lines of a stack that is not shown in full.
enum { LINES_MOST = 12 };

struct fold {
    FILE *out;
    int indent;
    const struct rg_trace_name *first; // of the others that are not written yet
    size_t count;                      // how many they are
    int lines, own;
};

static void flush_others(struct fold *f) {
    f->lines += f->count > 0;
    put_others(f->out, f->first, f->count, f->indent);
    f->count = 0;
}

// Returns whether there is more of interest further out.
static bool put_folded(struct fold *f, const struct rg_trace_name *name) {
    if (!name->is_own) {
        // The guard stands in front of main.
        if (f->own > 0 && !strncmp(name->module, "librealloc_guard.", 17)) {
            return false;
        }
        if (f->count > 0 && strcmp(f->first->module, name->module) != 0) {
            flush_others(f);
        }
        f->first = f->count++ ? f->first : name;
        return true;
    }
    flush_others(f);
    if (f->lines >= LINES_MOST) {
        fprintf(f->out, "%*s...\n", f->indent, "");
        return false;
    }
    put_name(f->out, name, f->indent);
    f->lines++;
    f->own++;
    return strcmp(name->function, "main") != 0;
}

void rg_trace_put_stack(FILE *out, struct rg_trace_names *n, const struct rg_trace_reader *r,
                        uint32_t stack, int indent, bool is_full) {
    const struct rg_trace_stack s = rg_trace_reader_stack(r, stack);
    struct fold f = {.out = out, .indent = indent};
    if (s.count == 0) {
        fprintf(out, "%*sno stack was recorded\n", indent, "");
    }
    for (size_t i = 0; i < s.count; i++) {
        const struct rg_trace_frame_names names = rg_trace_names_of(n, s.frames[i]);
        for (size_t j = 0; j < names.count; j++) {
            if (is_full) {
                put_name(out, &names.names[j], indent);
            } else if (!put_folded(&f, &names.names[j])) {
                return;
            }
        }
    }
    // What called the outermost function of the person's own is the same for all.
    if (f.own == 0) {
        flush_others(&f);
    }
}
