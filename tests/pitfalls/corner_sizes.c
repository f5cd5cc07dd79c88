// SPDX-License-Identifier: MIT
// What the family does with sizes and alignments at the edges: a table, which must be the same as without
// the guard. A block is still there, with its contents, when realloc fails. Must stay silent.
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const char *what, size_t size, void *block) {
    int error = errno;
    printf("%s %zx: %s, errno %d\n", what, size, block ? "block" : "NULL", block ? 0 : error);
    errno = 0;
}

int main(void) {
    static const size_t sizes[] = {
        0,
        1,
        PTRDIFF_MAX - 4096UL,
        PTRDIFF_MAX,
        PTRDIFF_MAX + 1UL,
        SIZE_MAX - 4096,
        SIZE_MAX,
        1UL << 46,
        1UL << 47,
        1UL << 56,
    };
    errno = 0;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        volatile size_t size = sizes[i];
        void *block = malloc(size);
        show("malloc", size, block);
        free(block);
        block = calloc(size, 1);
        show("calloc", size, block);
        free(block);
        block = realloc(NULL, size);
        show("realloc of NULL", size, block);
        free(block);
        block = memalign(64, size);
        show("memalign 64", size, block);
        free(block);
        char *kept = strdup("the contents");
        block = size ? realloc(kept, size) : NULL;
        show("realloc", size, block);
        printf("contents: %s\n", block ? (size == 1 ? "t" : "?") : kept);
        free(block ? block : kept);
    }
    volatile size_t half = SIZE_MAX / 2;
    show("calloc overflow", 4, calloc(half, 4));
    show("reallocarray overflow", 4, reallocarray(NULL, half, 4));
    show("realloc to 0", 0, realloc(malloc(10), 0));
    show("realloc of NULL to 0", 0, realloc(NULL, 0));
    show("aligned_alloc 3", 3, aligned_alloc(3, 10));
    show("memalign 3", 3, memalign(3, 10));
    show("memalign 0", 0, memalign(0, 10));
    show("memalign huge", half + 2, memalign(half + 2, 10));
    show("valloc", 0, valloc(0));
    show("pvalloc", 0, pvalloc(0));
    show("pvalloc", SIZE_MAX, pvalloc(SIZE_MAX - half + half));
    printf("usable size of NULL: %zu\n", malloc_usable_size(NULL));
    return 0;
}
