// SPDX-License-Identifier: MIT
// Blocks that were freed are used, also when thousands of others have come and gone since.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: write after free; access=write; freed=freed; allocated=allocated
// REPORT: read after free; access=read; freed=freed; allocated=allocated
// REPORT: double free; access=again; freed=freed; allocated=allocated
// REPORT: write after free; access=moved_write; freed=moved_freed; allocated=moved_allocated
#include "doctor.h"

static void work(void) {
    char *volatile block = (char *)malloc(block_size); // HERE: allocated
    free(block);                                       // HERE: freed
    block[3] = 'x';                                    // HERE: write
    for (int times = 0; times < 3000; times++) {
        free(malloc(block_size));
    }
    volatile char seen = block[4];          // HERE: read
    free(block);                            // HERE: again
    block = (char *)malloc(block_size / 2); // HERE: moved_allocated
    block = (char *)realloc(block, block_size);
    char *volatile moved = (char *)realloc(block, block_size * 2);
    free(moved);     // HERE: moved_freed
    moved[0] = seen; // HERE: moved_write
}
