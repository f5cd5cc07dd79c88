// SPDX-License-Identifier: MIT
// Environment variables, for code that runs before the C library's own environment is set up and without
// its lock. Pure.
#ifndef RG_BASE_ENVIRONMENT_H
#define RG_BASE_ENVIRONMENT_H

#include <stddef.h>
#include <string.h>

// The value of the variable of this name (len bytes) in a list of NAME=VALUE ended by NULL; NULL when it
// is not there, or the list is NULL.
static inline const char *rg_environment_find(const char *const *environment, const char *name,
                                              size_t len) {
    for (const char *const *e = environment; e && *e; e++) {
        if (strncmp(*e, name, len) == 0 && (*e)[len] == '=') {
            return *e + len + 1;
        }
    }
    return NULL;
}

#endif
