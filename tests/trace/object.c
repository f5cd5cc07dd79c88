// SPDX-License-Identifier: MIT
// A plug-in, built twice.
#include <stdlib.h>

void *allocate_there(size_t size) {
    void *volatile p = malloc(size);
    return p;
}
