// SPDX-License-Identifier: MIT
// The write through the old pointer begins past the end of the old block: the program trusts the new
// size but uses the old address. Must be reported as a use of that block, with its distance.
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
// TEXT: write of 1 byte\b
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *volatile old = malloc(16); // HERE: allocated
    if (!old) {
        return 1;
    }
    char *volatile larger = realloc(old, 64); // HERE: moved
    if (!larger) {
        return 1;
    }
    old[20] = 'x'; // HERE: write
    puts("written");
    free(larger);
    return 0;
}
