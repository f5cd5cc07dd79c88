// SPDX-License-Identifier: MIT
// malloc_usable_size is asked about the pointer from before realloc. Must be reported.
// REPORT: stale malloc_usable_size; access=ask; moved=moved; allocated=allocated; now=live
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *volatile old = malloc(40); // HERE: allocated
    if (!old) {
        return 1;
    }
    char *volatile larger = realloc(old, 400); // HERE: moved
    if (!larger) {
        return 1;
    }
    size_t size = malloc_usable_size(old); // HERE: ask
    puts(size ? "asked" : "asked, got 0");
    free(larger);
    return 0;
}
