// SPDX-License-Identifier: MIT
// A program with a malloc_usable_size of its own and nothing else: malloc and realloc are the guard's.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <malloc.h>
#include <stdio.h>

size_t malloc_usable_size(void *block) {
    return block ? 16 : 0;
}

int main(void) {
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: read
    printf("own size: %zu\n", malloc_usable_size(old));
    return 0;
}
