// SPDX-License-Identifier: MIT
// A limit on address space (RLIMIT_AS) below what is mapped already: no more can be had, but what needs no
// more goes on. A shrink, and blocks of sizes that were freed before, are such. Must stay silent.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { BLOCKS = 100, SIZE = 300 };

int main(void) {
    char *blocks[BLOCKS];
    struct rlimit limit;
    int shrunk = 0, kept = 0;
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(SIZE);
        memset(blocks[i], i, SIZE);
    }
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = 1;
    if (setrlimit(RLIMIT_AS, &limit)) {
        return 1;
    }
    for (int i = 0; i < BLOCKS; i++) {
        char *smaller = realloc(blocks[i], SIZE - 100);
        shrunk += smaller != NULL;
        kept += smaller && smaller[0] == (char)i && smaller[SIZE - 101] == (char)i;
        free(smaller);
    }
    printf("shrunk: %d, with their contents: %d\n", shrunk, kept);
    return 0;
}
