// SPDX-License-Identifier: MIT
// See trace_html_text.h.
#include "trace_html_text.h"

#include "html_text.h"

#include <string.h>

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

// Where the function has no name it is told by its module already.
static bool tells_module(const struct rg_trace_name *name) {
    const size_t len = strlen(name->module);
    return !strncmp(name->function, name->module, len) && name->function[len] == '+';
}

void rg_trace_html_put_place(FILE *out, const struct rg_trace_name *name, bool is_whole) {
    const char *text = name->file && is_whole ? name->file
                       : name->file           ? last_part(name->file)
                       : tells_module(name)   ? ""
                                              : name->module;
    if (*text) {
        fputs(" <span class=\"at\">", out);
        rg_html_put(out, text);
        if (name->file && name->line > 0) {
            fprintf(out, ":%u", name->line);
        }
        fputs("</span>", out);
    }
}

void rg_trace_html_put_site(FILE *out, const struct rg_trace_name *name) {
    if (!name) {
        fputs("<i>no stack was recorded</i>", out);
        return;
    }
    fputs("<code>", out);
    rg_html_put(out, name->function);
    fputs("</code>", out);
    rg_trace_html_put_place(out, name, false);
}

void rg_trace_html_put_bar(FILE *out, uint64_t part, uint64_t whole) {
    double share = whole > 0 ? 100 * (double)part / (double)whole : 0;
    // What is there is seen.
    share = part > 0 && share < 0.5 ? 0.5 : share > 100 ? 100 : share;
    fprintf(out,
            "<svg class=\"bar\" viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" "
            "aria-hidden=\"true\"><rect width=\"%.2f\" height=\"1\"/></svg>",
            share);
}
