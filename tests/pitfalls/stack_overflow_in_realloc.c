// SPDX-License-Identifier: MIT
// A handler that leaves a stack overflow by a jump, wherever in realloc it came: the block is as before, and the
// heap goes on.
// COUNT: 0
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { ROUNDS = 60, STACK = 64 << 10, OTHERS = 40 };

static sigjmp_buf before;
static char *volatile block;
static volatile size_t size;

static void leave(int number) {
    (void)number;
    siglongjmp(before, 1);
}

static __attribute__((noinline)) int recurse(int depth) {
    volatile char frame[40];
    frame[0] = (char)depth;
    if (depth % 3 == 0) {
        char *p = realloc(block, size + 24);
        block = p ? p : block;
        size += p ? 24 : 0;
    }
    return recurse(depth + 1) + frame[0];
}

// At another depth in each round.
static __attribute__((noinline)) void overflow(int round) {
    char room[16 * round + 16];
    memset(room, 0, sizeof room);
    __asm__ volatile("" : : "r"(room) : "memory");
    recurse(1);
}

static ucontext_t outside;

static void run(void) {
    for (int round = 0; round < ROUNDS; round++) {
        size = 8 + (size_t)round;
        block = malloc(size);
        if (sigsetjmp(before, 1) == 0) {
            overflow(round);
        }
        free(block);
        char *others[OTHERS];
        for (int i = 0; i < OTHERS; i++) {
            others[i] = malloc(300);
            memset(others[i], i, 300);
        }
        for (int i = 0; i < OTHERS; i++) {
            free(others[i]);
        }
    }
}

int main(void) {
    static char alternate[STACK];
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_handler = leave, .sa_flags = SA_ONSTACK | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
    char *page =
        mmap(NULL, STACK + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page, 4096, PROT_NONE);
    ucontext_t coroutine;
    getcontext(&coroutine);
    coroutine.uc_stack = (stack_t){.ss_sp = page + 4096, .ss_size = STACK};
    coroutine.uc_link = &outside;
    makecontext(&coroutine, run, 0);
    swapcontext(&outside, &coroutine);
    puts("went on");
    return 0;
}
