// SPDX-License-Identifier: MIT
// As redzone.c, but nothing is written behind the block.
// OPTIONS: redzone=100
#include "doctor.h"

static void work(void) {
    char *volatile block = (char *)malloc(1);
    for (size_t n = 1; n < block_size; n += n / 4 + 1) {
        block = (char *)realloc(block, n);
        memset(block, 'x', n);
        block = (char *)realloc(block, n / 2 + 1);
        free(memset(calloc(n, 2), 'y', 2 * n));
    }
    printf("%c\n", block[0]);
    free(block);
}
