// SPDX-License-Identifier: MIT
// The result of a realloc that failed is used as if it were a block. The process dies of that, as it would.
// OPTIONS: fail_realloc='site:*work*'
// STATUS: -11
// NATIVE: undefined
// REPORT: crash after a failed realloc; access=write; failed=failed
// TEXT: write of 1 byte at 0x[0-9a-f]+, by thread
// TEXT: advice: check what the realloc at \S+ returns
#include "doctor.h"

static void work(void) {
    volatile char *block = (char *)malloc(block_size);
    block = (char *)realloc((void *)block, block_size * 2); // HERE: failed
    block[block_size] = 'x';                                // HERE: write
    puts("done");
}
