// SPDX-License-Identifier: MIT
// Preloaded before everything else: counts the calls of the malloc family, in all processes of a run, in
// the file that BENCH_COUNTS names. Counts lie in shared memory, so a process may end in any way.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// In the order in which tests/bench/measure.py reads them.
enum kind { ALLOCATIONS, REALLOCS, FREES, MOVES, PEAK_LIVE, KINDS };

static _Atomic uint64_t nowhere[KINDS];
static _Atomic uint64_t *counts; // NULL before the first call
static _Atomic int64_t live;     // of this process

static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static void (*next_free)(void *);
static void *(*next_memalign)(size_t, size_t);

static void look_up(void) {
    const char *path = getenv("BENCH_COUNTS");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped =
        fd < 0 ? MAP_FAILED : mmap(NULL, sizeof nowhere, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    counts = mapped == MAP_FAILED ? nowhere : mapped;
    if (fd >= 0) {
        close(fd);
    }
    *(void **)&next_malloc = dlsym(RTLD_NEXT, "malloc");
    *(void **)&next_calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&next_realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&next_free = dlsym(RTLD_NEXT, "free");
    *(void **)&next_memalign = dlsym(RTLD_NEXT, "memalign");
}

static void count(enum kind kind) {
    if (!counts) {
        look_up();
    }
    atomic_fetch_add_explicit(&counts[kind], 1, memory_order_relaxed);
}

static void count_allocation(void) {
    count(ALLOCATIONS);
    int64_t now = atomic_fetch_add_explicit(&live, 1, memory_order_relaxed) + 1;
    uint64_t peak = atomic_load_explicit(&counts[PEAK_LIVE], memory_order_relaxed);
    while (now > 0 && (uint64_t)now > peak &&
           !atomic_compare_exchange_weak(&counts[PEAK_LIVE], &peak, (uint64_t)now)) {
    }
}

static void count_end(enum kind kind) {
    count(kind);
    atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
}

void *malloc(size_t size) {
    count_allocation();
    return next_malloc(size);
}

void *calloc(size_t n, size_t size) {
    count_allocation();
    return next_calloc(n, size);
}

void *realloc(void *p, size_t size) {
    if (!p) {
        count_allocation();
        return next_realloc(p, size);
    }
    if (size == 0) {
        count_end(REALLOCS);
    } else {
        count(REALLOCS);
    }
    uintptr_t before = (uintptr_t)p;
    void *q = next_realloc(p, size);
    if (q && (uintptr_t)q != before) {
        count(MOVES);
    }
    return q;
}

void *reallocarray(void *p, size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(p, bytes);
}

void free(void *p) {
    if (p) {
        count_end(FREES);
        next_free(p);
    }
}

void *memalign(size_t align, size_t size) {
    count_allocation();
    return next_memalign(align, size);
}

void *aligned_alloc(size_t align, size_t size) {
    return memalign(align, size);
}

int posix_memalign(void **ret, size_t align, size_t size) {
    void *p = memalign(align, size);
    if (!p) {
        return ENOMEM;
    }
    *ret = p;
    return 0;
}
