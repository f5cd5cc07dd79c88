// SPDX-License-Identifier: MIT
// A block is moved, freed at its new address, and then read through the old one. The report must name
// the move and the free.
// REPORT: stale read; access=read; moved=moved; freed=freed; allocated=allocated; now=freed
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    char *volatile old = malloc(40); // HERE: allocated
    if (!old) {
        return 1;
    }
    memset(old, 'o', 40);
    char *larger = realloc(old, 80); // HERE: moved
    if (!larger) {
        return 1;
    }
    free(larger);        // HERE: freed
    char seen = old[30]; // HERE: read
    printf("read: %c\n", seen);
    return 0;
}
