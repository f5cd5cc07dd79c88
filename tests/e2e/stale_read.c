// SPDX-License-Identifier: MIT
// One byte is read through the pointer from before realloc. Must be reported, and the byte must be the
// one that was there.
// REPORT: stale read; access=read; moved=moved; allocated=allocated; now=live
// TEXT: read of 1 byte\b
// TEXT: offset 30\b
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *volatile old = malloc(40); // HERE: allocated
    if (!old) {
        return 1;
    }
    old[30] = 'k';
    char *volatile larger = realloc(old, 400); // HERE: moved
    if (!larger) {
        return 1;
    }
    char seen = old[30]; // HERE: read
    printf("read: %c\n", seen);
    free(larger);
    return 0;
}
