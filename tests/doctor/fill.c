// SPDX-License-Identifier: MIT
// What is read before it was written shows: fresh memory and what realloc adds have the byte of the option, and calloc's
// memory is zero.
// OPTIONS: fill=0xA5:move=natural
// NATIVE: undefined
// GUARDED: malloc: filled
// GUARDED: realloc: kept, then filled
// GUARDED: in place: kept, then filled
// GUARDED: smaller: kept
// GUARDED: calloc: zero
#include "doctor.h"

static int holds(const unsigned char *block, size_t from, size_t to, int byte) {
    while (from < to && block[from] == byte) {
        from++;
    }
    return from == to;
}

static void work(void) {
    unsigned char *block = (unsigned char *)malloc(block_size);
    printf("malloc: %s\n", holds(block, 0, block_size, 0xa5) ? "filled" : "not filled");
    memset(block, 'x', block_size);
    block = (unsigned char *)realloc(block, block_size * 3);
    int is_right =
        holds(block, 0, block_size, 'x') && holds(block, block_size, block_size * 3, 0xa5);
    printf("realloc: %s\n", is_right ? "kept, then filled" : "wrong");
    memset(block, 'x', block_size * 3);
    block = (unsigned char *)realloc(block, block_size * 3 + 1);
    is_right = holds(block, 0, block_size * 3, 'x') && block[block_size * 3] == 0xa5;
    printf("in place: %s\n", is_right ? "kept, then filled" : "wrong");
    block = (unsigned char *)realloc(block, block_size / 2);
    printf("smaller: %s\n", holds(block, 0, block_size / 2, 'x') ? "kept" : "wrong");
    free(block);
    block = (unsigned char *)calloc(block_size, 1);
    printf("calloc: %s\n", holds(block, 0, block_size, 0) ? "zero" : "wrong");
    free(block);
}
