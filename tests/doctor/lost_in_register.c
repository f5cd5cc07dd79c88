// SPDX-License-Identifier: MIT
// The same in code that is optimized, where the pointer is in a register only.
// OPTIONS: fail_realloc='site:*collect*'
// REPORT: lost block; access=lost; allocated=allocated
#include "doctor.h"

__attribute__((optimize("O2"), noinline)) static int collect(void) {
    size_t size = block_size;
    char *block = (char *)malloc(size); // HERE: allocated
    for (int i = 0; block && i < 3; i++) {
        memset(block, i, 8);
        size += block_size;
        block = (char *)realloc(block, size); // HERE: lost
    }
    free(block);
    return block != NULL;
}

static void go_on(void) {
    volatile char room[20000];
    memset((void *)room, 1, sizeof room);
}

static void work(void) {
    collect();
    go_on();
    puts("done");
}
