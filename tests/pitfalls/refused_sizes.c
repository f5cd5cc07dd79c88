// SPDX-License-Identifier: MIT
// A size that the kernel would refuse natively is refused under the guard, for programs that probe, and at
// once: powers of two from 2^40 on. Must stay silent.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    for (int shift = 40; shift < 48; shift++) {
        errno = 0;
        void *block = malloc(1UL << shift);
        printf("2^%d: %s, ENOMEM %d\n", shift, block ? "block" : "NULL", errno == ENOMEM);
        free(block);
    }
    char *block = calloc(1, 100);
    void *larger = realloc(block, 1UL << 44);
    printf("realloc: %s, old block %d\n", larger ? "block" : "NULL", block[99]);
    free(block);
    return 0;
}
