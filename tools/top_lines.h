// SPDX-License-Identifier: MIT
// Lines of text with a style each: what a frame is before it is printed or drawn.
#ifndef RG_TOOLS_TOP_LINES_H
#define RG_TOOLS_TOP_LINES_H

#include "base/compiler.h"

#include <stddef.h>

enum rg_top_style {
    RG_TOP_PLAIN,
    RG_TOP_TITLE,
    RG_TOP_GRAPH,
    RG_TOP_HEADING, // of the table
    RG_TOP_SELECTED,
    RG_TOP_FAINT,
    RG_TOP_PROMPT,
    RG_TOP_STYLES
};

// Zero-filled there are none.
struct rg_top_lines {
    struct rg_top_line {
        char *text; // without a newline
        enum rg_top_style style;
    } * items;
    size_t count;
};

// Adds one that is cut to so many columns.
void rg_top_lines_add(struct rg_top_lines *l, size_t columns, enum rg_top_style style,
                      const char *format, ...) RG_PRINTF_LIKE(4, 5);

// Adds empty ones, or drops the last ones, until there are so many.
void rg_top_lines_fit(struct rg_top_lines *l, size_t count);

void rg_top_lines_done(struct rg_top_lines *l);

#endif
