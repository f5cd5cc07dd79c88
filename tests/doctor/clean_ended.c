// SPDX-License-Identifier: MIT
// As ended.c, but what is used has not been freed.
// OPTIONS: seal_freed=1
#include "doctor.h"

static void work(void) {
    char *volatile block = (char *)malloc(block_size);
    for (int times = 0; times < 3000; times++) {
        char *volatile other = (char *)malloc(block_size);
        other[times % block_size] = 'x';
        free(other);
    }
    block[3] = 'x';
    block = (char *)realloc(block, block_size * 2);
    printf("%c\n", block[3]);
    free(block);
}
