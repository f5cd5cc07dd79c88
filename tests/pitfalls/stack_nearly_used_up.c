// SPDX-License-Identifier: MIT
// A coroutine allocates with 2.5 KB of its stack left (LEFT), which is enough natively, and an inaccessible page
// behind that: every path of malloc, realloc and free must fit. Must stay silent.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { BLOCKS = 3000 };

static ucontext_t before;
static void *block[BLOCKS];

static void use(void) {
    for (size_t size = 10; size < 6000000; size *= 3) {
        size_t count = size < 6000 ? BLOCKS : 10;
        for (size_t i = 0; i < count; i++) {
            block[i] = realloc(malloc(size), size + 1 + i % 100);
        }
        for (size_t i = 0; i < count; i++) {
            free(block[i]);
        }
    }
}

int main(void) {
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ucontext_t coroutine;
    mprotect(page, 4096, PROT_NONE);
    getcontext(&coroutine);
    coroutine.uc_stack = (stack_t){.ss_sp = page + 4096, .ss_size = LEFT};
    coroutine.uc_link = &before;
    makecontext(&coroutine, use, 0);
    swapcontext(&before, &coroutine);
    puts("end");
    return 0;
}
