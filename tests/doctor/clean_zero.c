// SPDX-License-Identifier: MIT
// realloc to one byte, and of no block; and, where it is not asked for, to nothing.
#include "doctor.h"

static void work(void) {
    char *block = (char *)malloc(block_size);
    block = (char *)realloc(block, 1);
    block[0] = 'x';
    block = (char *)realloc(block, 0);
    block = (char *)realloc(NULL, block_size);
    block[3] = 'x';
    free(block);
}
