// SPDX-License-Identifier: MIT
// The table of a frame: its heading, a row for each site, and the stacks of those that are open.
#ifndef RG_TOOLS_TOP_TABLE_H
#define RG_TOOLS_TOP_TABLE_H

#include "top_frame.h"

// The heading and up to so many rows. is_interactive: one row is marked as selected, and scrolled to.
void rg_top_table_put(const struct rg_top_frame *f, size_t rows, bool is_interactive,
                      struct rg_top_lines *ret);

// What a column is called.
const char *rg_top_column_name(enum rg_top_sort column);

#endif
