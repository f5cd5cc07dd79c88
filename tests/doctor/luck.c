// SPDX-License-Identifier: MIT
// The old pointer is used after a realloc that the C library would have left the block in place for.
// OPTIONS: luck=1
// REPORT: stale write; access=write; moved=shrunk; allocated=allocated; now=live
// TEXT: with the C library alone the block would have stayed where it was
// TEXT: by luck: realloc at luck\.c:12 moved 1 block that
// TEXT: by luck: realloc at luck\.c:14 moved 3 blocks that
#include "doctor.h"

static void work(void) {
    char *volatile block = (char *)malloc(block_size);      // HERE: allocated
    char *smaller = (char *)realloc(block, block_size / 2); // HERE: shrunk
    for (int times = 0; times < 3; times++) {
        smaller = (char *)realloc(smaller, block_size / 4);
    }
    block[3] = 'x'; // HERE: write
    free(smaller);
}
