// SPDX-License-Identifier: MIT
// The buffer is grown twice from the first pointer.
// NATIVE: undefined
// REPORT: stale realloc; access=again; moved=moved; allocated=allocated; now=live
#include <stdlib.h>

int main(void) {
    char *buffer = malloc(32);            // HERE: allocated
    char *first = realloc(buffer, 320);   // HERE: moved
    char *second = realloc(buffer, 3200); // HERE: again
    return first == second;
}
