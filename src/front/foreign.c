// SPDX-License-Identifier: MIT
// See foreign.h. Knows the header of a chunk of glibc's malloc (malloc/malloc.c: the size with three flag
// bits before the block). No state.
#include "front/foreign.h"

#include "base/sys.h"

#include <dlfcn.h>
#include <stdint.h>
#include <unistd.h>

void __libc_free(void *p);
void *__libc_realloc(void *p, size_t size);

enum { PREV_INUSE = 1, IS_MMAPPED = 2, NON_MAIN_ARENA = 4, FLAGS = 7 };

static const uintptr_t HEAP_MAX = (uintptr_t)64 << 20; // alignment of glibc's further heaps

static size_t chunk_word(const void *p, int words_before) {
    return ((const size_t *)p)[-words_before];
}

static bool is_on_this_stack(uintptr_t address) {
    uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
    return address >= sp && address - sp < (8 << 20);
}

static bool is_in_an_object(const void *p) {
    struct dl_find_object object;
    return _dl_find_object((void *)(uintptr_t)p, &object) == 0;
}

bool rg_foreign_is_plausible(const void *p) {
    uintptr_t address = (uintptr_t)p;
    if (address % 16 != 0 || address >> 47 || address < 4096 || is_in_an_object(p) ||
        !rg_is_readable((const char *)p - 16, 32)) {
        return false;
    }
    size_t head = chunk_word(p, 1);
    size_t size = head & ~(size_t)FLAGS;
    if (head & IS_MMAPPED) {
        size_t before = chunk_word(p, 2);
        return ((address - 16 - before) % 4096 == 0) && (before + size) % 4096 == 0 && size > 0;
    }
    if (size < 32 || size % 16 != 0) {
        return false;
    }
    if (head & NON_MAIN_ARENA) {
        // The heap's header points to its arena.
        const uintptr_t *heap = (const uintptr_t *)(address & ~(HEAP_MAX - 1));
        return rg_is_readable(heap, 8) && rg_is_readable((const void *)*heap, 8);
    }
    return !is_on_this_stack(address) && address < (uintptr_t)sbrk(0);
}

void rg_foreign_free(void *p) {
    __libc_free(p);
}

void *rg_foreign_realloc(void *p, size_t size) {
    return __libc_realloc(p, size);
}

size_t rg_foreign_usable_size(const void *p) {
    size_t head = chunk_word(p, 1);
    size_t size = head & ~(size_t)FLAGS;
    return head & IS_MMAPPED ? size - 16 : size - 8;
}
