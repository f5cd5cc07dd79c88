// SPDX-License-Identifier: MIT
// Every kind of event once or more, and the addresses and sizes that the trace must have for them.
#include "told.h"

#include <malloc.h>
#include <stdint.h>
#include <string.h>

static volatile size_t many = SIZE_MAX; // out of the compiler's sight

static char *change(char *p, size_t old_size, size_t size) {
    uintptr_t old = (uintptr_t)p;
    p = realloc(p, size);
    tell("change realloc %#lx %zu %#lx %zu\n", old, old_size, (uintptr_t)p, size);
    return p;
}

static void *got(const char *how, void *p, size_t size) {
    tell("alloc %s %p %zu\n", how, p, size);
    return p;
}

static void end(void *p) {
    tell("free free %p\n", p);
    free(p);
}

#ifdef TAKES_ADDRESS
// A program at a fixed address then has a jump to malloc, which the guard has to try.
void take_addresses(void) {
    void *(*volatile allocate)(size_t) = malloc;
    void *(*volatile reallocate)(void *, size_t) = realloc;
    (void)allocate, (void)reallocate;
}
#endif

int main(void) {
    char *a = got("malloc", malloc(100), 100);
    a = change(a, 100, 90);
    a = change(a, 90, 5000);
    a = change(a, 5000, 3 << 20);
    a = change(a, 3 << 20, 9 << 20);
    a = change(a, 9 << 20, 10);
    end(a);
    end(got("calloc", calloc(3, 7), 21));
    end(got("aligned", memalign(256, 1000), 1000));
    end(got("aligned", aligned_alloc(16, 32), 32));
    end(got("aligned", valloc(5), 5));
    void *b = NULL;
    if (posix_memalign(&b, 64, 77) != 0) {
        return 1;
    }
    end(got("aligned", b, 77));
    b = got("realloc", realloc(NULL, 33), 33);
    tell("free realloc %p\n", b);
    b = realloc(b, 0);
    b = malloc(many / 2 + 1);
    tell("failed malloc 0 %zu\n", many / 2 + 1);
    b = calloc(many, 2);
    tell("failed calloc 0 %zu\n", many);
    a = got("malloc", malloc(0), 0);
    b = realloc(a, many / 2 + 1);
    tell("failed realloc %p %zu\n", (void *)a, many / 2 + 1);
    b = reallocarray(a, many, 3);
    tell("failed realloc %p %zu\n", (void *)a, many);
    end(a);
    free(NULL);
    return b != NULL;
}
