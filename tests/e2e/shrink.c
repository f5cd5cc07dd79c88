// SPDX-License-Identifier: MIT
// The result of a shrinking realloc is ignored, because "a shrink never moves". The write through
// the pointer from before must be reported.
// GUARDED: address: changed
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *volatile line = malloc(200); // HERE: allocated
    if (!line) {
        return 1;
    }
    uintptr_t before = (uintptr_t)line;
    char *shorter = realloc(line, 20); // HERE: moved
    if (!shorter) {
        return 1;
    }
    line[10] = 'x'; // HERE: write
    printf("address: %s\n", (uintptr_t)shorter == before ? "same" : "changed");
    free(shorter);
    return 0;
}
