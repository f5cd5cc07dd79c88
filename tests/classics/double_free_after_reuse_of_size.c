// SPDX-License-Identifier: MIT
// A block of another size is allocated between the two: its slot is another one, and the second free is exact.
// NATIVE: undefined
// REPORT: double free; access=again; freed=first; allocated=allocated
#include <stdlib.h>

int main(void) {
    char *small = malloc(24); // HERE: allocated
    free(small);              // HERE: first
    char *larger = malloc(2400);
    larger[0] = 'x';
    free(small); // HERE: again
    free(larger);
    return 0;
}
