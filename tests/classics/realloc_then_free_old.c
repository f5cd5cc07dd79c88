// SPDX-License-Identifier: MIT
// The old pointer is freed, "since realloc has made a copy".
// NATIVE: undefined
// REPORT: stale free; access=free; moved=moved; allocated=allocated; now=live
#include <stdlib.h>

int main(void) {
    char *old = malloc(32);            // HERE: allocated
    char *larger = realloc(old, 3200); // HERE: moved
    larger[0] = 'x';
    free(old); // HERE: free
    free(larger);
    return 0;
}
