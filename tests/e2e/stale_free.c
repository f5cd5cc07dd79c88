// SPDX-License-Identifier: MIT
// The pointer from before realloc is freed. Must be reported, and the block at the new address must
// stay live.
// NATIVE: undefined
// REPORT: stale free; access=free; moved=moved; allocated=allocated; now=live
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    char *volatile old = malloc(40); // HERE: allocated
    if (!old) {
        return 1;
    }
    strcpy(old, "still here");
    char *larger = realloc(old, 400); // HERE: moved
    if (!larger) {
        return 1;
    }
    free(old); // HERE: free
    puts(larger);
    free(larger);
    return 0;
}
