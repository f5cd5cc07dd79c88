// SPDX-License-Identifier: MIT
// The callee makes the buffer larger, and the caller never learns where it went.
// NATIVE: undefined
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <stdlib.h>
#include <string.h>

static void add_suffix(char *name) {
    name = realloc(name, strlen(name) + 5); // HERE: moved
    strcat(name, ".txt");
}

int main(void) {
    char *name = strdup("notes"); // HERE: allocated
    add_suffix(name);
    name[0] = 'N'; // HERE: write
    return 0;
}
