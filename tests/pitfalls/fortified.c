// SPDX-License-Identifier: MIT
// Built with -O2 -D_FORTIFY_SOURCE=3, where the compiler knows the size of a block from the call that made
// it and checks copies against it: a program that is right must not be stopped. Must stay silent.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef __OPTIMIZE__
#error "_FORTIFY_SOURCE needs optimisation"
#endif

int main(int argc, char **argv) {
    char text[200];
    memset(text, 'f', sizeof(text));
    for (size_t size = 1; size < sizeof(text); size++) {
        char *block = malloc(size);
        memcpy(block, text, size);
        char *larger = realloc(block, malloc_usable_size(block) + 10);
        memcpy(larger, text, size);
        char *table = calloc(size, 2);
        memset(table, argc, size * 2);
        snprintf(table, size, "%s", argv[0]);
        free(table);
        free(larger);
    }
    puts("end");
    return 0;
}
