// SPDX-License-Identifier: MIT
// See convert_html_stack.h.
#include "convert_html_stack.h"

#include "convert_facts.h"
#include "convert_fingerprint.h"
#include "html_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINES_AROUND = 3,
    LINE_CAP = 300, // characters
    CHAIN_SHOWN = 4,
    FUNCTION_CAP = 60, // in the chain
};

static void put_function(FILE *out, const struct rg_value *f, size_t cap) {
    const char *function = rg_value_text(f, "function");
    rg_html_put_short(out, function ? function : "??", cap);
}

static void put_module(FILE *out, const struct rg_value *f) {
    const char *module = rg_value_text(f, "module");
    const char *build_id = rg_value_text(f, "build_id");
    rg_html_put(out, module ? rg_base_name(module) : "?");
    fputs("+", out);
    rg_html_put(out, rg_value_text(f, "offset"));
    if (!rg_value_text(f, "function") && build_id) {
        fputs(", build-id ", out);
        rg_html_put(out, build_id);
    }
}

static void put_file(const struct rg_html *page, const struct rg_value *f) {
    char *path = rg_html_path(page, f);
    uint64_t column;
    rg_html_put(page->out, path);
    fprintf(page->out, ":%" PRIu64, rg_value_number_or_0(f, "line"));
    if (rg_value_number(f, "column", &column)) {
        fprintf(page->out, ":%" PRIu64, column);
    }
    free(path);
}

static void put_place(const struct rg_html *page, const struct rg_value *f) {
    if (rg_frame_is_own(f) && rg_value_text(f, "file")) {
        put_file(page, f);
    } else {
        put_module(page->out, f);
    }
}

static void put_list(const struct rg_html *page, const struct rg_value *stack,
                     const struct rg_value *marked) {
    FILE *out = page->out;
    fputs("<ol start=\"0\">\n", out);
    for (const struct rg_value *f = stack->first; f; f = f->next) {
        bool is_own = rg_frame_is_own(f);
        fprintf(out, "<li class=\"%s\"><code>",
                is_own && f == marked ? "own here"
                : is_own              ? "own"
                                      : "system");
        put_function(out, f, SIZE_MAX);
        fputs("</code> <span>", out);
        put_place(page, f);
        fputs(rg_value_flag(f, "inlined") ? "</span> <i>inlined</i></li>\n" : "</span></li>\n",
              out);
    }
    fputs("</ol>\n", out);
}

// The same as one piece of text, for which a browser needs a tenth of the memory.
static void put_plain_list(const struct rg_html *page, const struct rg_value *stack) {
    FILE *out = page->out;
    int number = 0;
    fputs("<pre class=\"frames\">", out);
    for (const struct rg_value *f = stack->first; f; f = f->next) {
        fprintf(out, "%3d. ", number++);
        put_function(out, f, SIZE_MAX);
        fputs("  ", out);
        put_place(page, f);
        fputs(rg_value_flag(f, "inlined") ? "  inlined\n" : "\n", out);
    }
    fputs("</pre>\n", out);
}

// The program's own functions, innermost first, so that a folded stack tells the way.
static void put_chain(FILE *out, const struct rg_value *stack) {
    int count = 0;
    for (const struct rg_value *f = stack->first; f; f = f->next) {
        if (!rg_frame_is_own(f) && count == 0 && f->next) {
            continue;
        }
        if (count == CHAIN_SHOWN) {
            fputs(" \xe2\x86\x90 ...", out); // an arrow to the left
            return;
        }
        if (rg_frame_is_own(f) || count == 0) {
            fputs(count > 0 ? " \xe2\x86\x90 " : "", out);
            put_function(out, f, FUNCTION_CAP);
            count++;
        }
    }
}

static size_t length_of(const struct rg_value *stack) {
    size_t count = 0;
    for (const struct rg_value *f = stack->first; f; f = f->next) {
        count++;
    }
    return count;
}

void rg_html_put_frames(struct rg_html *page, const struct rg_value *event) {
    FILE *out = page->out;
    const struct rg_value *stack = rg_value_at(event, "stack");
    const struct rg_value *own = rg_stack_own_frame(stack);
    if (!own) {
        fputs("<p class=\"quiet\">No stack was recorded.</p>\n", out);
        return;
    }
    fputs("<details class=\"stack\"><summary>Stack of ", out);
    rg_html_put_count(out, length_of(stack), "frame", "frames");
    fputs(": <code>", out);
    put_chain(out, stack);
    fputs("</code></summary>\n", out);
    if (page->is_brief) {
        put_plain_list(page, stack);
    } else {
        put_list(page, stack, own);
    }
    if (rg_value_flag(event, "stack_cut")) {
        fputs("<p class=\"quiet\">Frames further out were not recorded.</p>\n", out);
    }
    fputs("</details>\n", out);
}

// A marked line is a block of its own, which ends with the newline.
static void put_lines(FILE *out, const struct rg_source *source, uint64_t line) {
    uint64_t first = line > LINES_AROUND ? line - LINES_AROUND : 1;
    uint64_t last = line + LINES_AROUND;
    last = last > source->line_count ? source->line_count : last;
    fputs("<pre class=\"source\" tabindex=\"0\">", out);
    for (uint64_t n = first; n <= last; n++) {
        char *text = rg_source_line(source, n);
        fputs(n == line ? "<mark>" : "", out);
        fprintf(out, "%c%5" PRIu64 "  ", n == line ? '>' : ' ', n);
        rg_html_put_short(out, text ? text : "", LINE_CAP);
        fputs("\n", out);
        fputs(n == line ? "</mark>" : "", out);
        free(text);
    }
    fputs("</pre>\n", out);
}

static void put_excerpt(struct rg_html *page, const struct rg_value *frame, const char *path) {
    FILE *out = page->out;
    const struct rg_source *source = rg_sources_find(&page->sources, path);
    uint64_t line = rg_value_number_or_0(frame, "line");
    if (!source) {
        fputs(" <span class=\"quiet\">(source not found)</span></p>\n", out);
    } else if (line > source->line_count) {
        fprintf(out, " <span class=\"quiet\">(the file has only %zu lines today)</span></p>\n",
                source->line_count);
    } else {
        page->has_new_sources |= source->changed > page->run_time;
        if (!source->is_named_so) {
            fputs(" <span class=\"quiet\">(lines of ", out);
            rg_html_put(out, source->path);
            fputs(")</span>", out);
        }
        fputs("</p>\n", out);
        put_lines(out, source, line);
    }
}

// What to look at first.
void rg_html_put_where(struct rg_html *page, const struct rg_value *event) {
    FILE *out = page->out;
    const struct rg_value *stack = rg_value_at(event, "stack");
    const struct rg_value *frame = rg_stack_source_frame(stack);
    const struct rg_value *f = frame ? frame : rg_stack_own_frame(stack);
    if (!f) {
        return;
    }
    fputs("<p class=\"at\"><code>", out);
    put_function(out, f, SIZE_MAX);
    fputs("</code> ", out);
    if (!frame) {
        fputs("<span>", out);
        put_module(out, f);
        fputs("</span></p>\n", out);
        return;
    }
    char *path = rg_html_path(page, frame);
    fputs("<b>", out);
    rg_html_put(out, path);
    fprintf(out, ":%" PRIu64 "</b>", rg_value_number_or_0(frame, "line"));
    if (page->is_brief) {
        fputs("</p>\n", out);
    } else {
        put_excerpt(page, frame, path);
    }
    free(path);
}
