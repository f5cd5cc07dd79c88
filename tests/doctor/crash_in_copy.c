// SPDX-License-Identifier: MIT
// The same where a function of the C library uses it, and realloc was called for no block.
// OPTIONS: fail_realloc='site:*work*'
// STATUS: -11
// NATIVE: undefined
// REPORT: crash after a failed realloc; access=write; failed=failed
#include "doctor.h"

static void work(void) {
    static const char text[] = "twelve bytes";
    char *block = (char *)realloc(NULL, block_size); // HERE: failed
    memcpy(block, text, sizeof text);                // HERE: write
    puts("done");
}
