// SPDX-License-Identifier: MIT
// What is shown at a moment, as lines of text: the same for a terminal and for --batch.
#ifndef RG_TOOLS_TOP_FRAME_H
#define RG_TOOLS_TOP_FRAME_H

#include "top_child.h"
#include "top_lines.h"
#include "top_output.h"
#include "top_view.h"

#include <stdbool.h>

struct rg_top_frame {
    struct rg_top_group *group;
    struct rg_top_view *view;
    const struct rg_top_child *child;
    const struct rg_top_output *output; // NULL: there is none to show
    const char *program;                // what is waited for, while there is no trace
    bool is_utf8;
    // Of the terminal. In a batch rows are those of the table, and columns as many as are needed.
    size_t columns, rows;
};

// All rows of the terminal. May change how far the view is scrolled.
void rg_top_frame_screen(const struct rg_top_frame *f, struct rg_top_lines *ret);

// For a batch.
void rg_top_frame_batch(const struct rg_top_frame *f, struct rg_top_lines *ret);

#endif
