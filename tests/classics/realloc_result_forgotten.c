// SPDX-License-Identifier: MIT
// The result of realloc is thrown away.
// NATIVE: undefined
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <stdlib.h>

int main(void) {
    int *numbers = malloc(4 * sizeof *numbers);                      // HERE: allocated
    char *volatile unused = realloc(numbers, 400 * sizeof *numbers); // HERE: moved
    numbers[3] = 1;                                                  // HERE: write
    return unused == NULL;
}
