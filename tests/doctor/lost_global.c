// SPDX-License-Identifier: MIT
// The same with a global variable, and again at the same place: told once.
// OPTIONS: fail_realloc='site:*grow*'
// REPORT: lost block; access=lost; allocated=allocated
// TEXT: 1 misuse reported \([6-8] occurrences\)
#include "doctor.h"

static char *buffer;

static void grow(size_t size) {
    buffer = (char *)realloc(buffer, size); // HERE: lost
}

static void work(void) {
    for (int i = 0; i < 8; i++) {
        buffer = (char *)malloc(block_size); // HERE: allocated
        buffer[3] = 'x';
        grow(block_size * 2);
    }
    puts("done");
}
