// SPDX-License-Identifier: MIT
// A preloaded library as heap profilers are: its malloc puts a header in front of each block and takes the
// memory from the next malloc. With COPIES its realloc never calls the next one.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 16 };

static void *add_header(void *block, size_t size) {
    if (!block) {
        return NULL;
    }
    memcpy(block, &size, sizeof(size));
    return (char *)block + HEADER;
}

void *malloc(size_t size) {
    static void *(*next)(size_t);
    if (!next) {
        next = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    }
    return add_header(next(size + HEADER), size);
}

void free(void *block) {
    static void (*next)(void *);
    if (!next) {
        next = (void (*)(void *))dlsym(RTLD_NEXT, "free");
    }
    if (block) {
        next((char *)block - HEADER);
    }
}

void *calloc(size_t count, size_t size) {
    void *block = malloc(count * size);
    return block ? memset(block, 0, count * size) : NULL;
}

#ifdef COPIES
void *realloc(void *block, size_t size) {
    void *larger = malloc(size);
    if (larger && block) {
        size_t old = *(size_t *)((char *)block - HEADER);
        memcpy(larger, block, old < size ? old : size);
        free(block);
    }
    return larger;
}
#else
void *realloc(void *block, size_t size) {
    static void *(*next)(void *, size_t);
    if (!next) {
        next = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    }
    return add_header(next(block ? (char *)block - HEADER : NULL, size + HEADER), size);
}
#endif
