// SPDX-License-Identifier: MIT
// A block that realloc made smaller ends at inaccessible memory but for what is lacking to a multiple of 16 bytes: what is
// written there is found as behind any small block, by free, by realloc and at exit.
// REPORT: overrun; access=freed; allocated=first
// TEXT: byte 20 was found changed, the first past the end of the block of 20 bytes, by thread
// REPORT: overrun; access=resized; allocated=second
// TEXT: byte 22 was found changed, 1 past the end of the block of 21 bytes, by thread
// REPORT: overrun; allocated=third
// TEXT: overrun: the check at exit finds that something has written past the end of a block of 19 bytes
#include "doctor.h"

static char *volatile kept;

static void work(void) {
    char *volatile block = (char *)malloc(block_size); // HERE: first
    block = (char *)realloc(block, 20);
    block[20] = 0;
    free(block);                        // HERE: freed
    block = (char *)malloc(block_size); // HERE: second
    block = (char *)realloc(block, 21);
    block[22] = 0;
    block = (char *)realloc(block, 200); // HERE: resized
    free(block);
    kept = (char *)malloc(block_size); // HERE: third
    kept = (char *)realloc(kept, 19);
    kept[19] = 0;
    kept[18] = 0;
}
