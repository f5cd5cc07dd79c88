// SPDX-License-Identifier: MIT
// As tail.c, but what was cut off is used only before that, or after it was asked for again.
#include "doctor.h"

static void work(void) {
    char *volatile block = (char *)malloc(block_size);
    memset(block, 'x', block_size);
    for (int times = 0; times < 400; times++) {
        volatile char seen = block[block_size - 1];
        block = (char *)realloc(block, block_size / 2);
        block[block_size / 2 - 1] = seen;
        block = (char *)realloc(block, block_size);
        block[block_size - 1] = block[block_size / 2 - 1];
    }
    char *volatile kept[300];
    for (int i = 0; i < 300; i++) {
        kept[i] = (char *)malloc(200);
        memset(kept[i], 'a' + i % 26, 200);
        kept[i] = (char *)realloc(kept[i], 1 + (size_t)i % 199);
    }
    for (int i = 0; i < 300; i++) {
        putchar(kept[i][i % 199]);
        free(kept[i]);
    }
    printf("%c\n", block[block_size - 1]);
    free(block);
}
