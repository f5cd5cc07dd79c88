// SPDX-License-Identifier: MIT
// Blocks from __libc_malloc come to the guard's free and realloc: they are passed on to the C library.
// Must stay silent.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

int main(void) {
    for (size_t size = 16; size < 1 << 20; size *= 3) {
        char *block = __libc_malloc(size);
        strcpy(block, "from __libc_malloc");
        if (malloc_usable_size(block) < size) {
            return 1;
        }
        block = realloc(block, 2 * size);
        block = realloc(block, 3 * size);
        printf("%.8s\n", block);
        free(block);
        free(__libc_malloc(size));
        free(__libc_memalign(256, size));
    }
    return 0;
}
