// SPDX-License-Identifier: MIT
// realloc does not keep an alignment.
// OPTIONS: mismatch=1
// REPORT: realloc of an aligned block; access=grown; allocated=allocated
// TEXT: realloc of an aligned block: aligned\.c:14 may lose the alignment that was asked for at aligned\.c:13
#include "doctor.h"

#include <malloc.h>

static void work(void) {
    void *block;

    block = memalign(64, block_size);                              // HERE: allocated
    char *volatile grown = (char *)realloc(block, 2 * block_size); // HERE: grown
    grown[block_size] = 'x';
    free(grown);
}
