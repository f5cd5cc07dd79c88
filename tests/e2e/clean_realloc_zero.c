// SPDX-License-Identifier: MIT
// Nothing is wrong here: realloc(p, 0) is used as the C library documents it, as a free. Must stay
// silent and answer as the C library does.
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    volatile size_t nothing = 0;
    void *volatile block = malloc(40);
    block = realloc(block, nothing);
    printf("realloc(p, 0): %s\n", block ? "a block" : "null");
    block = realloc(NULL, nothing);
    printf("realloc(NULL, 0): %s\n", block ? "a block" : "null");
    free(block);
    block = malloc(nothing);
    printf("malloc(0): %s\n", block ? "a block" : "null");
    free(block);
    free(NULL);
    return 0;
}
