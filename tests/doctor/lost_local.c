// SPDX-License-Identifier: MIT
// The result of a realloc that fails overwrites the only pointer to its block, a variable on the stack.
// OPTIONS: fail_realloc='site:*work*'
// REPORT: lost block; access=lost; allocated=allocated
// TEXT: lost by this realloc of 0x[0-9a-f]+ from \d+ to \d+ bytes, which returned NULL
// TEXT: advice: keep the old pointer until the result is known
#include "doctor.h"

static void work(void) {
    char *block = (char *)malloc(block_size); // HERE: allocated
    block[3] = 'x';
    block = (char *)realloc(block, block_size * 2); // HERE: lost
    puts("done");
}
