// SPDX-License-Identifier: MIT
// More is written to blocks than they have room for, and it is found when they are freed, grown, and at the end.
// REPORT: overrun; access=freed; allocated=allocated
// REPORT: overrun; access=grown; allocated=second
// REPORT: overrun; access=cut; allocated=third
// REPORT: overrun; allocated=kept
// TEXT: byte (33|2999993) was found changed, the first past the end of the block of (33|2999993) bytes, by thread
// TEXT: byte (35|2999995) was found changed, 2 past the end of the block of (33|2999993) bytes, and 3 more, by thread
// TEXT: overrun: the check at exit finds that something has written past the end of a block of
// TEXT: one byte too many is most often the zero that ends a string
#include "doctor.h"

static void put(char *block, size_t at, size_t n) {
    memset(block + at, 0, n);
}

static char *kept;

static void work(void) {
    size_t n = block_size - 7;
    char *volatile block = (char *)malloc(n); // HERE: allocated
    put(block, n, 1);
    free(block);                  // HERE: freed
    block = (char *)calloc(1, n); // HERE: second
    put(block, n + 2, 4);
    block = (char *)realloc(block, 2 * n); // HERE: grown
    free(block);
    block = (char *)malloc(n); // HERE: third
    put(block, n, 2);
    block = (char *)realloc(block, n / 2); // HERE: cut
    free(block);
    kept = (char *)malloc(n); // HERE: kept
    put(kept, n, 3);
}
