// SPDX-License-Identifier: MIT
// A coroutine's stack is unmapped, and a smaller one mapped at its place: what was recognised there by words that are
// gone with the larger one must not be looked for behind the end of the smaller. Must stay silent.
#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { LARGE = 64 << 10, SMALL = 32 << 10, WORK_AT = 16 << 10 };

static ucontext_t before;
static size_t gap;
static void *volatile block;

__attribute__((noinline)) static void work(void) {
    block = malloc(24);
    free(block);
    __asm__ volatile("" ::: "memory");
}

// Calls it at the same distance from the stack's lower end, whatever the size.
__attribute__((noinline)) static void begin(void) {
    volatile char *unused = alloca(gap);
    unused[0] = 1;
    work();
    unused[0] = 2; // no tail call
}

// The only stack that allocates: each run comes after the same call.
static void run(char *stack, size_t size) {
    ucontext_t coroutine;
    gap = size - WORK_AT;
    getcontext(&coroutine);
    coroutine.uc_stack = (stack_t){.ss_sp = stack, .ss_size = size};
    coroutine.uc_link = &before;
    makecontext(&coroutine, begin, 0);
    swapcontext(&before, &coroutine);
}

int main(void) {
    int protection = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
    char *stack = mmap(NULL, LARGE, protection, flags, -1, 0);
    for (int i = 0; i < 4; i++) {
        size_t size = i < 3 ? LARGE : SMALL;
        if (size == SMALL && munmap(stack + SMALL, LARGE - SMALL) != 0) {
            return 1;
        }
        run(stack, size);
    }
    puts("end");
    return 0;
}
