// SPDX-License-Identifier: MIT
// Figures of a trace as text for people, and the names of its sites and stacks. For one thread.
#ifndef RG_TOOLS_TRACE_TEXT_H
#define RG_TOOLS_TRACE_TEXT_H

#include "trace_names.h"

#include <stdio.h>

struct rg_trace_text {
    char text[32];
};

// "1.23 MB"; below 1,000 bytes "123 B". Units are powers of 1,000.
struct rg_trace_text rg_bytes_text(uint64_t bytes);

// "1,234,567"
struct rg_trace_text rg_count_text(uint64_t n);

// "12.3 ms", "1.234 s", "3 min 5 s"
struct rg_trace_text rg_ns_text(uint64_t ns);

// "12.3 %"; "-" of nothing.
struct rg_trace_text rg_share_text(uint64_t part, uint64_t whole);

// "grow table.c:42" or "grow (libfoo.so)", or "?" for NULL. To be freed.
char *rg_trace_name_text(const struct rg_trace_name *name);

// The functions of a stack, innermost first, a line each behind as many spaces. Unless it is full, runs of frames that are not
// the person's own are one line, what called the outermost own one is left out, and a long one is cut.
void rg_trace_put_stack(FILE *out, struct rg_trace_names *n, const struct rg_trace_reader *r,
                        uint32_t stack, int indent, bool is_full);

#endif
