// SPDX-License-Identifier: MIT
// A place in a table of pointers is kept while the table grows.
// NATIVE: undefined
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <stdlib.h>

static char **table;
static size_t size = 4;

static char **place_of(unsigned key) {
    return &table[key % size];
}

int main(void) {
    table = calloc(size, sizeof *table); // HERE: allocated
    char **place = place_of(3);
    size *= 16;
    table = reallocarray(table, size, sizeof *table); // HERE: moved
    *place = "value";                                 // HERE: write
    return 0;
}
