// SPDX-License-Identifier: MIT
// The memory of a moved block is handed out again before a write through its old address. The write
// must be reported, must not reach the blocks that live there now, and must be read back through the
// old pointer.
// NATIVE: undefined
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
// REPORT: stale read; access=read; moved=moved; allocated=allocated; now=live
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEIGHBOURS = 20000, SIZE = 48 };

static char *neighbours[NEIGHBOURS];

int main(void) {
    char *volatile old = malloc(SIZE); // HERE: allocated
    if (!old) {
        return 1;
    }
    char *volatile larger = realloc(old, 4 * SIZE); // HERE: moved
    if (!larger) {
        return 1;
    }
    for (int i = 0; i < NEIGHBOURS; i++) {
        neighbours[i] = malloc(SIZE);
        if (!neighbours[i]) {
            return 1;
        }
        memset(neighbours[i], 'n', SIZE);
    }
    old[7] = 'x';       // HERE: write
    char seen = old[7]; // HERE: read

    int damaged = 0;
    for (int i = 0; i < NEIGHBOURS; i++) {
        for (int j = 0; j < SIZE; j++) {
            damaged += neighbours[i][j] != 'n';
        }
    }
    printf("damaged bytes: %d, read back: %c\n", damaged, seen);
    return damaged || seen != 'x';
}
