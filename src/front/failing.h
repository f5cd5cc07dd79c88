// SPDX-License-Identifier: MIT
// realloc that fails because the options ask for it, and calls of it that are counted.
#ifndef RG_FRONT_FAILING_H
#define RG_FRONT_FAILING_H

#include "base/compiler.h"
#include "stack/walk.h"

#include <stdbool.h>
#include <stddef.h>

// Whether fail_realloc or count_realloc is set. Else nothing below is called for a realloc.
extern bool rg_failing_is_watching;

// Reads both options. What is wrong with them is passed to complain(NULL, line), and they are ignored. In the first step of
// the set-up.
void rg_failing_init(void (*complain)(void *arg, const char *line));

// Counts a call of realloc for so many bytes, which are not 0. Returns whether it is to fail, and says so the first time for
// its stack. Not with a lock held, nor inside the heap; errno is kept.
RG_COLD bool rg_failing_count(size_t size, struct rg_caller caller);

// In a forked child: count from zero.
void rg_failing_after_fork(void);

#endif
