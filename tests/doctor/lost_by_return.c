// SPDX-License-Identifier: MIT
// The result overwrites nothing, but the function returns without having freed the block, and nobody else knows it.
// OPTIONS: fail_realloc='site:*collect*'
// REPORT: lost block; access=lost; allocated=allocated
#include "doctor.h"

static int collect(void) {
    char *block = (char *)malloc(block_size); // HERE: allocated
    block[3] = 'x';
    char *larger = (char *)realloc(block, block_size * 2); // HERE: lost
    if (!larger) {
        return -1;
    }
    free(larger);
    return 0;
}

// What is left of the other function's frame is overwritten.
static void go_on(void) {
    volatile char room[20000];
    memset((void *)room, 1, sizeof room);
}

static void work(void) {
    collect();
    go_on();
    puts("done");
}
