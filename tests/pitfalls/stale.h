// SPDX-License-Identifier: MIT
// For the programs of this folder whose point is not how a pointer became stale.
#pragma once

#include <stdlib.h>
#include <string.h>

// A pointer that realloc has moved away from. The block itself lives on, at twice the size.
static inline char *make_stale(size_t size) {
    char *old = (char *)malloc(size);
    if (!old) {
        abort();
    }
    memset(old, 'a', size);
    // volatile: the compiler must not conclude that the old pointer is of no more use.
    char *volatile hidden = old;
    if (!realloc(old, 2 * size)) {
        abort();
    }
    return hidden;
}
