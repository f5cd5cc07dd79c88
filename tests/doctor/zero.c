// SPDX-License-Identifier: MIT
// realloc to nothing: told once for each place, and what uses the pointer afterwards always.
// OPTIONS: realloc_zero=1
// NATIVE: undefined
// REPORT: realloc to nothing; access=zero; allocated=allocated
// REPORT: stale write; access=write; moved=zero; allocated=allocated
#include "doctor.h"

static void work(void) {
    char *volatile used = NULL;
    for (int times = 0; times < 3; times++) {
        char *block = (char *)malloc(block_size); // HERE: allocated
        used = block;
        block = (char *)realloc(block, times - times); // HERE: zero
        if (block) {
            puts("realloc of 0 bytes has answered a block");
        }
    }
    used[3] = 'x'; // HERE: write
}
