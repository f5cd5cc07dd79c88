// SPDX-License-Identifier: MIT
// The paths through the guard that decide what it costs, one after the other, each walked often enough to
// be in its usual state, and then a few times more between two breakpoints. count_steps.c runs this.
#include "bench.h"
#include "deep.h"

static uint64_t keep(void *p) {
    __asm__ volatile("" : : "r"(p) : "memory");
    return (uint64_t)(uintptr_t)p;
}

// Tells who counts that `times` operations of this name begin, or (NULL) that they are done.
static void mark(const char *name, long times) {
    __asm__ volatile("int3" : : "D"(name), "S"(times) : "memory");
}

static void walk(const char *name, void (*path)(long times), long before, long times) {
    const char *names[] = {NULL, name};
    const long counts[] = {before, times};
    // One call for both, or the stack would be another one where it counts.
    for (int pass = 0; pass < 2; pass++) {
        __asm__ volatile("" : "+r"(pass));
        mark(names[pass], counts[pass]);
        path(counts[pass]);
    }
    mark(NULL, 0);
}

static void nothing(long times) {
    for (long i = 0; i < times; i++) {
        keep(NULL);
    }
}

static void malloc_free(long times) {
    for (long i = 0; i < times; i++) {
        void *p = malloc(100);
        keep(p);
        free(p);
    }
}

static void calloc_free(long times) {
    for (long i = 0; i < times; i++) {
        void *p = calloc(1, 100);
        keep(p);
        free(p);
    }
}

// More blocks than a thread's cache holds: it is refilled and emptied.
static void many(long times) {
    enum { MOST = 64 };
    static void *block[MOST];
    for (long done = 0; done < times; done += MOST) {
        long now = times - done < MOST ? times - done : MOST;
        for (long i = 0; i < now; i++) {
            block[i] = malloc(100);
        }
        for (long i = 0; i < now; i++) {
            free(block[i]);
        }
    }
}

static uint64_t pair(uint64_t size) {
    void *p = malloc(size);
    uint64_t sum = keep(p);
    free(p);
    return sum;
}

enum { FRAMES = 20 };

static void same_stack(long times) {
    for (long i = 0; i < times; i++) {
        deep_call(FRAMES, 0x12345, pair, 100);
    }
}

static void new_stack(long times) {
    static uint64_t way;
    for (long i = 0; i < times; i++) {
        deep_call(FRAMES, ++way * 0x9e3779b9, pair, 100);
    }
}

static void moves(long times) {
    static char *p;
    for (long i = 0; i < times; i++) {
        p = realloc(p, 200 - 100 * (size_t)(i % 2));
        keep(p);
    }
}

static void page_moves(long times) {
    static char *p;
    for (long i = 0; i < times; i++) {
        // Small enough to be copied without string instructions, of which each repetition is a step.
        p = realloc(p, 2100 - 50 * (size_t)(i % 2));
        keep(p);
    }
}

static void large_moves(long times) {
    static char *p;
    for (long i = 0; i < times; i++) {
        p = realloc(p, (3U << 20) - (1U << 20) * (size_t)(i % 2));
        keep(p);
    }
}

int main(void) {
    walk("nothing (the loop itself)", nothing, 10, 50);
    walk("malloc and free", malloc_free, 100, 20);
    walk("calloc and free", calloc_free, 100, 20);
    walk("malloc and free of many", many, 640, 64);
    walk("malloc and free under 20 frames", same_stack, 100, 10);
    walk("malloc and free under 20 frames, a new stack", new_stack, 400, 10);
    walk("realloc of a small block", moves, 100, 20);
    walk("realloc of a block of pages", page_moves, 100, 10);
    walk("realloc of a large block", large_moves, 20, 4);
    return 0;
}
