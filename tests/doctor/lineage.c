// SPDX-License-Identifier: MIT
// A pointer from the middle of a block's life is used. The report tells all of that life.
// NATIVE: undefined
// REPORT: stale write; access=write; moved=grown; allocated=allocated; now=freed
// TEXT: bytes  allocated at lineage\.c:15\n +\d+ bytes  moved 3 times at lineage\.c:10, first to \d+\n +=>
// TEXT: =>  the pointer that was used is from here\n +\d+ bytes  moved 2 times at lineage\.c:10, .*\n +\? bytes  moved at lineage\.c:26\n +freed at lineage\.c:27\n
#include "doctor.h"

static char *grow(char *block, int times) {
    return (char *)realloc(block, block_size << times); // HERE: grown
}

static void work(void) {
    char *volatile used = NULL;
    char *block = (char *)malloc(block_size); // HERE: allocated
    for (int times = 1; times <= 5; times++) {
        block = grow(block, times);
        if (times == 3) {
            used = block;
        }
    }
    if (!block) {
        return;
    }
    block[0] = 'x';
    block = (char *)realloc(block, block_size);
    free(block);
    used[3] = 'x'; // HERE: write
}
