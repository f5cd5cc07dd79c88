// SPDX-License-Identifier: MIT
// What several formats for machines show of a finding: where it is, and what its stacks are called.
#ifndef RG_TOOLS_CONVERT_FACTS_H
#define RG_TOOLS_CONVERT_FACTS_H

#include "convert_merge.h"
#include "json_value.h"

#include <stdio.h>

// A stack of a finding.
struct rg_finding_stack {
    const char *title; // "moved by realloc here"
    const struct rg_value *stack;
};

enum { RG_FINDING_STACKS = 6 };

// The stacks that there are, which have frames: that of the access first. Returns how many.
size_t rg_finding_stacks(const struct rg_value *finding,
                         struct rg_finding_stack ret_stacks[RG_FINDING_STACKS]);

// The innermost frame of the program's own that has a source line, else NULL.
const struct rg_value *rg_stack_source_frame(const struct rg_value *stack);

// The frame with a source line that a person looks at first: of the access, else of the next stack that has one. NULL:
// no source line is known.
const struct rg_value *rg_finding_source_frame(const struct rg_value *finding);

// The first frame of the program's own in the first stack that there is; NULL: there is no stack.
const struct rg_value *rg_finding_frame(const struct rg_value *finding);

// "met 3 times in 2 processes", and the further lines.
void rg_put_met(FILE *out, const struct rg_merged *f);

// When it began, "2026-11-26T18:45:36", in UTC; false: not known. ret_text is as long as the type says.
struct rg_time_text {
    char text[32];
};
bool rg_time_text(double time, const char *format, struct rg_time_text *ret_text);

#endif
