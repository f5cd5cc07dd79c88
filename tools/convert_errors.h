// SPDX-License-Identifier: MIT
// Bugs of the guard's own that ended processes, from notes of the topic internal-error: they are no misuse of the program's, but
// who reads what was found must know that not all was looked at.
#ifndef RG_TOOLS_CONVERT_ERRORS_H
#define RG_TOOLS_CONVERT_ERRORS_H

#include "json_value.h"

#include <stddef.h>
#include <stdint.h>

struct rg_guard_error {
    char *text;
    char *program; // NULL: not known
    uint64_t pid;
    double time; // when the process began; INFINITY: not known
};

enum { RG_GUARD_ERRORS_KEPT = 100 };

// Zero-filled it is empty. Keeps the first ones that are read.
struct rg_guard_errors {
    struct rg_guard_error *items;
    size_t count;
    uint64_t total; // with those that are not kept
};

// Copies what it is given; program may be NULL.
void rg_guard_errors_add(struct rg_guard_errors *errors, const char *text, const char *program,
                         uint64_t pid, double time);

// By when the processes began.
void rg_guard_errors_sort(struct rg_guard_errors *errors);
void rg_guard_errors_done(struct rg_guard_errors *errors);

// "a bug of the guard ended process 123 (/app/prog)", to be freed.
char *rg_guard_error_title(const struct rg_guard_error *e);

#endif
