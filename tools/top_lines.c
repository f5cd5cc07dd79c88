// SPDX-License-Identifier: MIT
// See top_lines.h.
#include "top_lines.h"

#include "need.h"
#include "top_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void rg_top_lines_add(struct rg_top_lines *l, size_t columns, enum rg_top_style style,
                      const char *format, ...) {
    char *text;
    size_t len;
    FILE *stream = rg_need_stream(&text, &len);
    va_list ap;
    va_start(ap, format);
    vfprintf(stream, format, ap);
    va_end(ap);
    fclose(stream);
    l->items = rg_need_room(l->items, l->count, sizeof *l->items);
    l->items[l->count++] = (struct rg_top_line){.text = rg_top_cut(text, columns), .style = style};
    free(text);
}

void rg_top_lines_fit(struct rg_top_lines *l, size_t count) {
    while (l->count < count) {
        rg_top_lines_add(l, 0, RG_TOP_PLAIN, "%s", "");
    }
    while (l->count > count) {
        free(l->items[--l->count].text);
    }
}

void rg_top_lines_done(struct rg_top_lines *l) {
    rg_top_lines_fit(l, 0);
    free(l->items);
    *l = (struct rg_top_lines){0};
}
