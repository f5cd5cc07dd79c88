// SPDX-License-Identifier: MIT
// Pieces of the page of a trace, in HTML. Errors stay in the stream (ferror).
#ifndef RG_TOOLS_TRACE_HTML_TEXT_H
#define RG_TOOLS_TRACE_HTML_TEXT_H

#include "trace_names.h"

#include <stdint.h>
#include <stdio.h>

// The site as it is called: function and place. NULL: there was no stack.
void rg_trace_html_put_site(FILE *out, const struct rg_trace_name *name);

// Behind the function's name: its file and line, or its module; is_whole: with folders.
void rg_trace_html_put_place(FILE *out, const struct rg_trace_name *name, bool is_whole);

// A bar of that share of its width.
void rg_trace_html_put_bar(FILE *out, uint64_t part, uint64_t whole);

#endif
