// SPDX-License-Identifier: MIT
// A size that the kernel would refuse natively is refused under the guard, for programs that probe, and at
// once: powers of two from 2^40 on. So is an alignment, whatever was freed before. Must stay silent.
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

static void show(const char *function, void *block) {
    printf("  %s: %s, errno %d\n", function, block ? "block" : "NULL", errno);
    free(block);
}

static void align(size_t alignment) {
    void *block = NULL;
    errno = 123;
    int error = posix_memalign(&block, alignment, 100);
    printf("alignment %zx: error %d\n", alignment, error);
    show("posix_memalign", block);
    errno = 123;
    show("aligned_alloc", aligned_alloc(alignment, 100));
    errno = 123;
    show("memalign", memalign(alignment + 1, 100));
}

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
    for (int shift = 40; shift < 64; shift++) {
        align(1UL << shift);
    }
    free(malloc(1 << 30));
    align(1UL << 40);
    return 0;
}
