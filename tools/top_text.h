// SPDX-License-Identifier: MIT
// More figures as a person reads them, and text cut to the columns that there are. Depends on the locale's LC_CTYPE.
#ifndef RG_TOOLS_TOP_TEXT_H
#define RG_TOOLS_TOP_TEXT_H

#include "trace_text.h"

#include <stddef.h>
#include <stdint.h>

// "+1.23 MB", "-512 B", "0 B".
struct rg_trace_text rg_growth_text(int64_t bytes);

// "1,234", under 10 with a digit behind the point.
struct rg_trace_text rg_rate_text(double n);

// How many columns the text takes.
size_t rg_top_columns(const char *text);

// A copy of the text, of at most so many columns: what is too much is cut off, and ends in "~" or an ellipsis. What
// a terminal might obey, or cannot show, becomes '?'. To be freed.
char *rg_top_cut(const char *text, size_t columns);

#endif
