// SPDX-License-Identifier: MIT
// Source lines by a helper process, `realloc-guard symbolize`. It is started at the first question, with
// a clean environment and none of the program's descriptors, as a grandchild that has left the family,
// so the program never waits for it by accident and gets no SIGCHLD. One socket leads to it; when that
// or the helper is lost it is started once more, and then given up.
//
// All functions run under the REPORT lock, take no other, and are async-signal-safe.
#ifndef RG_REPORT_SYMBOLIZER_H
#define RG_REPORT_SYMBOLIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Where the helper is; an empty path: there is none.
void rg_symbolizer_init(const char *program);

// In a forked child: the helper belongs to the parent.
void rg_symbolizer_after_fork(void);

// Why the last question got no answer, as the end of a sentence about the helper; NULL where it got one, or
// no helper is wanted.
const char *rg_symbolizer_failure(void);

// Asks for the address (as in the file) in a module. The answer is zero or more lines
// FUNCTION\tFILE\tLINE\tCOLUMN, innermost inlined function first, as one string valid until the next
// question; NULL when there is no helper.
const char *rg_symbolizer_ask(const char *path, uintptr_t address, const char *build_id);

#endif
