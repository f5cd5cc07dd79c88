// SPDX-License-Identifier: MIT
// Nothing is wrong here: every allocation function, its alignment, its zeroes, its refusals and its
// errno. Must stay silent and answer exactly as the C library does.
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_aligned(void *pointer, size_t alignment) {
    return pointer && (uintptr_t)pointer % alignment == 0;
}

static void fill_and_free(const char *name, void *pointer, size_t size, size_t alignment) {
    printf("%s: %s\n", name, is_aligned(pointer, alignment) ? "aligned" : "wrong");
    if (pointer) {
        memset(pointer, 0xa5, size);
    }
    free(pointer);
}

static void ask_for_alignments(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t alignment = 16; alignment <= 4 << 20; alignment *= 4) {
        void *pointer = NULL;
        fill_and_free("memalign", memalign(alignment, 100), 100, alignment);
        fill_and_free("aligned_alloc", aligned_alloc(alignment, 3 * alignment), 3 * alignment,
                      alignment);
        int error = posix_memalign(&pointer, alignment, 5000);
        printf("posix_memalign: %d\n", error);
        fill_and_free("posix_memalign", pointer, 5000, alignment);
    }
    fill_and_free("valloc", valloc(100), 100, page);
    fill_and_free("pvalloc", pvalloc(100), page, page);
    void *volatile moved = memalign(1024, 100);
    moved = realloc(moved, 9000);
    fill_and_free("realloc of memalign", moved, 9000, 16);
}

static void be_refused(void) {
    volatile size_t huge = SIZE_MAX - 100;
    volatile size_t half = SIZE_MAX / 2;
    void *pointer = (void *)1;
    errno = 0;
    printf("malloc: %d %s\n", malloc(huge) == NULL, strerror(errno));
    errno = 0;
    printf("calloc: %d %s\n", calloc(half, 4) == NULL, strerror(errno));
    void *volatile block = malloc(10);
    errno = 0;
    printf("realloc: %d %s\n", realloc(block, huge) == NULL, strerror(errno));
    errno = 0;
    printf("reallocarray: %d %s\n", reallocarray(block, half, 4) == NULL, strerror(errno));
    free(block);
    errno = 0;
    int error = posix_memalign(&pointer, 24, 100);
    printf("posix_memalign: %s, errno %d, untouched %d\n", strerror(error), errno,
           pointer == (void *)1);
    errno = 0;
    printf("memalign: %d %s\n", memalign(64, huge) == NULL, strerror(errno));
}

static void keep_errno(void) {
    void *volatile block = malloc(100000);
    errno = EXDEV;
    free(block);
    printf("free keeps errno: %d\n", errno == EXDEV);
    block = malloc(100);
    void *volatile larger = realloc(block, 300);
    printf("success keeps errno: %d\n", larger && errno == EXDEV);
    free(larger);
}

static void be_zero(void) {
    unsigned char dirt = 0;
    for (size_t size = 1; size < 3000000; size = size * 3 + 1) {
        unsigned char *block = malloc(size);
        memset(block, 0xff, size);
        free(block);
        block = calloc(size, 1);
        for (size_t i = 0; i < size; i++) {
            dirt |= block[i];
        }
        free(block);
    }
    printf("calloc: %s\n", dirt ? "dirty" : "zero");
}

int main(void) {
    ask_for_alignments();
    be_refused();
    keep_errno();
    be_zero();
    return 0;
}
