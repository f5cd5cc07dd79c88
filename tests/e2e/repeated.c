// SPDX-License-Identifier: MIT
// One line writes through a stale pointer 1,000 times. Must be reported once; the summary counts the
// repetitions.
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
// TEXT: \b1,?000\b
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *volatile old = malloc(2000); // HERE: allocated
    if (!old) {
        return 1;
    }
    char *volatile larger = realloc(old, 3000); // HERE: moved
    if (!larger) {
        return 1;
    }
    for (int i = 0; i < 1000; i++) {
        old[i] = 'x'; // HERE: write
    }
    puts("written");
    free(larger);
    return 0;
}
