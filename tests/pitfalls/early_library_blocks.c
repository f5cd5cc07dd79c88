// SPDX-License-Identifier: MIT
// Blocks from before the guard's own set-up are moved, used through the old pointer and freed later: 64
// KB from the constructor of a library that is initialised before preloaded ones. The stale read is
// reported like any other, and that library's destructor still runs after it.
// REPORT: stale read; access=read; moved=moved; now=live
#include <stdio.h>
#include <stdlib.h>

extern char *early_block;

int main(void) {
    char *volatile old = early_block;
    early_block = realloc(early_block, 200000); // HERE: moved
    volatile char byte = old[65535];            // HERE: read
    printf("%c %c\n", early_block[0], early_block[65535]);
    early_block = realloc(early_block, 100);
    printf("%c\n", early_block[99]);
    fflush(stdout);
    return 0;
}
