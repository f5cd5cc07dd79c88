// SPDX-License-Identifier: MIT
// realloc(p, 0) frees the block and answers NULL; p is written through afterwards. Must be reported,
// with the realloc that took the block away.
// REPORT: stale write; access=write; moved=moved; allocated=allocated
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *volatile block = malloc(40); // HERE: allocated
    if (!block) {
        return 1;
    }
    volatile size_t nothing = 0;
    char *volatile none = realloc(block, nothing); // HERE: moved
    block[20] = 'x';                               // HERE: write
    puts(none ? "a block" : "no block");
    return 0;
}
