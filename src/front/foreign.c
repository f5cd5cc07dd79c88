// SPDX-License-Identifier: MIT
// See foreign.h. Knows the header of a chunk of glibc's malloc (malloc/malloc.c: the size with three flag
// bits before the block). State: the functions of another allocator, set once in the constructor.
#include "front/foreign.h"

#include "base/compiler.h"
#include "base/sys.h"
#include "front/bounce.h"
#include "front/init.h"
#include "front/next.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <stdint.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *p);
void *__libc_realloc(void *p, size_t size);

enum { PREV_INUSE = 1, IS_MMAPPED = 2, NON_MAIN_ARENA = 4, FLAGS = 7 };

static const uintptr_t HEAP_MAX = (uintptr_t)64 << 20; // alignment of glibc's further heaps

// An allocator that the program is linked with, or that was preloaded after the guard. Its malloc is not
// called, but it may have other names for that. Without the guard its free would get every pointer. NULL:
// there is none.
static struct {
    void (*free)(void *);
    void *(*realloc)(void *, size_t);
    size_t (*usable_size)(void *);
} linked;

void rg_foreign_init(void) {
    struct dl_find_object libc, next;
    void *symbol = dlsym(RTLD_NEXT, "free");
    // Not by __libc_free, a name that tcmalloc takes over as well.
    if (symbol && _dl_find_object((void *)(uintptr_t)&gnu_get_libc_version, &libc) == 0 &&
        _dl_find_object(symbol, &next) == 0 && libc.dlfo_link_map != next.dlfo_link_map) {
        rg_find_next("malloc_usable_size", &linked.usable_size);
        rg_find_next("realloc", &linked.realloc);
        rg_find_next("free", &linked.free);
    }
}

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
    if (rg_init_is_aside()) {
        return true;
    }
    if (address % 8 != 0 || address >> 47 || address < 4096 || is_in_an_object(p)) {
        return false;
    }
    if (linked.free) {
        return !is_on_this_stack(address) && rg_is_readable(p, 1);
    }
    if (address % 16 != 0 || !rg_is_readable((const char *)p - 16, 32)) {
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

void *rg_foreign_allocate(size_t size, size_t align, bool zero) {
    return zero         ? __libc_calloc(1, size)
           : align > 16 ? __libc_memalign(align, size)
                        : __libc_malloc(size);
}

void rg_foreign_free(void *p) {
    if (linked.free) {
        linked.free(p);
    } else {
        __libc_free(p);
    }
}

void *rg_foreign_realloc(void *p, size_t size) {
    return linked.free ? linked.realloc(p, size) : __libc_realloc(p, size);
}

size_t rg_foreign_usable_size(const void *p) {
    if (linked.free) {
        return linked.usable_size ? linked.usable_size((void *)(uintptr_t)p) : 0;
    }
    size_t head = chunk_word(p, 1);
    size_t size = head & ~(size_t)FLAGS;
    return head & IS_MMAPPED ? size - 16 : size - 8;
}
