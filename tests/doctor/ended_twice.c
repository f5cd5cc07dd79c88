// SPDX-License-Identifier: MIT
// Blocks are freed twice, from their middle, and where there are none; without any option.
// NATIVE: undefined
// REPORT: double free; access=again; freed=freed; allocated=allocated
// REPORT: free middle; access=middle; allocated=second
// REPORT: free unknown; access=variable
// REPORT: double free; access=late; freed=early; allocated=third
#include "doctor.h"

static char variable[64] __attribute__((aligned(64)));

static void work(void) {
    char *volatile block = (char *)malloc(block_size); // HERE: allocated
    free(block);                                       // HERE: freed
    free(block);                                       // HERE: again
    block = (char *)malloc(block_size);                // HERE: second
    free(block + 16);                                  // HERE: middle
    free(block);
    free(variable);                     // HERE: variable
    block = (char *)malloc(block_size); // HERE: third
    free(block);                        // HERE: early
    for (size_t n = 200; n < 3000; n += 100) {
        free(malloc(n)); // other sizes never get the address
    }
    free(block); // HERE: late
}
