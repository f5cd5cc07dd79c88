// SPDX-License-Identifier: MIT
// The pointer from before realloc is given to realloc again. Must be reported, and whatever the second
// call answers must be usable.
// NATIVE: undefined
// REPORT: stale realloc; access=again; moved=moved; allocated=allocated; now=live
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    char *volatile old = malloc(40); // HERE: allocated
    if (!old) {
        return 1;
    }
    char *volatile larger = realloc(old, 400); // HERE: moved
    if (!larger) {
        return 1;
    }
    char *volatile again = realloc(old, 800); // HERE: again
    if (again) {
        memset(again, 'x', 800);
    }
    puts("went on");
    return 0;
}
