// SPDX-License-Identifier: MIT
// A block that was never moved is freed twice. Must be reported with the first free and the
// allocation.
// NATIVE: undefined
// REPORT: double free; access=second; freed=first; allocated=allocated
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *volatile block = malloc(40); // HERE: allocated
    if (!block) {
        return 1;
    }
    free(block); // HERE: first
    free(block); // HERE: second
    puts("went on");
    return 0;
}
