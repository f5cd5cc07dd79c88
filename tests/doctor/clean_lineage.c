// SPDX-License-Identifier: MIT
// As lineage.c, but the pointer is taken anew after each realloc.
#include "doctor.h"

static char *grow(char *block, int times) {
    return (char *)realloc(block, block_size << times);
}

static void work(void) {
    char *volatile used = NULL;
    char *block = (char *)malloc(block_size);
    for (int times = 1; times <= 5; times++) {
        block = grow(block, times);
        used = block;
    }
    used[3] = 'x';
    block = (char *)realloc(block, block_size);
    used = block;
    used[4] = 'y';
    free(block);
}
