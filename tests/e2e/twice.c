// SPDX-License-Identifier: MIT
// A block is moved three times and then written through its first address. The report must name the
// first move and show where the block is today.
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *volatile first = malloc(30); // HERE: allocated
    if (!first) {
        return 1;
    }
    char *today = realloc(first, 60); // HERE: moved
    today = realloc(today, 600);
    today = realloc(today, 6000);
    if (!today) {
        return 1;
    }
    first[3] = 'x'; // HERE: write
    printf("address: today %p\n", (void *)today);
    free(today);
    return 0;
}
