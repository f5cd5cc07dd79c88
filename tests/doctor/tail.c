// SPDX-License-Identifier: MIT
// What realloc has cut off is used through the new pointer.
// NATIVE: undefined
// REPORT: read past the end; access=read; moved=cut; allocated=allocated
// REPORT: write past the end; access=write; moved=cut; allocated=allocated
// TEXT: read past the end: tail\.c:16 is \d+ bytes into the tail that realloc cut off at tail\.c:15
// TEXT: made smaller by realloc, from (40 to 20|3000000 to 1500000) bytes
// TEXT: advice: what is behind the new size is no longer the block's after the realloc at tail\.c:15
#include "doctor.h"

static void work(void) {
    char *volatile block = (char *)malloc(block_size); // HERE: allocated
    memset(block, 'x', block_size);

    block = (char *)realloc(block, block_size / 2);  // HERE: cut
    volatile char seen = block[block_size * 9 / 10]; // HERE: read
    block[block_size - 1] = seen;                    // HERE: write
    printf("%c\n", block[block_size / 2 - 1]);
    free(block);
}
