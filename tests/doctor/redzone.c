// SPDX-License-Identifier: MIT
// With the option also what is far behind a block is found, and behind one that fills its slot.
// OPTIONS: redzone=100
// REPORT: overrun; access=freed; allocated=allocated
// TEXT: byte (139|3000099) was found changed, 99 past the end of the block of (40|3000000) bytes, by thread
// REPORT: overrun; access=grown; allocated=second
#include "doctor.h"

static void work(void) {
    char *volatile block = (char *)malloc(block_size); // HERE: allocated
    block[block_size + 99] = 0;
    free(block);                                // HERE: freed
    block = (char *)malloc(block_size / 4 * 4); // HERE: second
    block[block_size] = 0;
    block = (char *)realloc(block, block_size + 30); // HERE: grown
    free(block);
}
