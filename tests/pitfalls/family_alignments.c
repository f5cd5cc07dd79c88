// SPDX-License-Identifier: MIT
// The whole family at all alignments from 16 to 2 MB: blocks are aligned, keep their contents when realloc
// moves them, and every function's block goes to free. Must stay silent.
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wrong;

static void check(char *block, size_t alignment, size_t size) {
    wrong += block == NULL || (uintptr_t)block % alignment != 0 || malloc_usable_size(block) < size;
    memset(block, 'f', size);
    block = realloc(block, size + 1000);
    wrong += block == NULL || block[0] != 'f' || block[size - 1] != 'f';
    free(block);
}

int main(void) {
    static const size_t sizes[] = {1, 100, 5000, 300000};
    for (size_t alignment = 16; alignment <= 2 << 20; alignment *= 2) {
        for (int i = 0; i < 4; i++) {
            void *block = NULL;
            check(memalign(alignment, sizes[i]), alignment, sizes[i]);
            check(aligned_alloc(alignment, sizes[i]), alignment, sizes[i]);
            wrong += posix_memalign(&block, alignment, sizes[i]) != 0;
            check(block, alignment, sizes[i]);
        }
    }
    void *untouched = &wrong;
    printf("EINVAL: %d\n", posix_memalign(&untouched, 24, 10) == EINVAL);
    printf("EINVAL: %d\n", posix_memalign(&untouched, 4, 10) == EINVAL);
    printf("ENOMEM: %d\n", posix_memalign(&untouched, 64, SIZE_MAX - 100) == ENOMEM);
    printf("pointer left alone: %d\n", untouched == &wrong);
    check(reallocarray(NULL, 10, 10), 16, 100);
    check(valloc(100), 4096, 100);
    check(pvalloc(100), 4096, 4096);
    free(pvalloc(0));
    char *zeroed = calloc(100, 100);
    for (int i = 0; i < 10000; i++) {
        wrong += zeroed[i] != 0;
    }
    free(zeroed);
    printf("wrong: %d\n", wrong);
    return 0;
}
