// SPDX-License-Identifier: MIT
// The old pointer of a large block (size by argument) is written and read after realloc moved it.
// Must be reported at the right offset; the new block must hold what the old one held.
// NATIVE: undefined
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
// REPORT: stale read; access=read; moved=moved; allocated=allocated; now=live
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    size_t size = argc > 1 ? strtoul(argv[1], NULL, 10) : 4096;
    char *volatile old = malloc(size); // HERE: allocated
    if (!old) {
        return 1;
    }
    old[0] = 'f';
    old[size / 2] = 'm';
    old[size - 1] = 'l';
    char *larger = realloc(old, size + size / 4); // HERE: moved
    if (!larger) {
        return 1;
    }
    old[size / 2] = 'x';       // HERE: write
    char seen = old[size / 2]; // HERE: read
    printf("through the old pointer: %c\n", seen);
    printf("in the new block: %c%c%c\n", larger[0], larger[size / 2], larger[size - 1]);
    free(larger);
    return 0;
}
