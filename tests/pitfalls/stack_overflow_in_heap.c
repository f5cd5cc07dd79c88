// SPDX-License-Identifier: MIT
// The stack runs out inside malloc, realloc or free, wherever in them that happens to be, and the program's
// handler leaves by a jump, often. No lock stays taken, and the stale read after it is reported with all
// its stacks.
// REPORT: stale read; access=read; moved=moved; allocated=allocated; now=live
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { OVERFLOWS = 40, STACK = 200000, ALTERNATE = 65536 };

static sigjmp_buf back;
static size_t size;

static void on_fault(int sig) {
    siglongjmp(back, sig);
}

static int recurse(int depth) {
    volatile char frame[24];
    frame[0] = (char)depth;
    char *block = malloc(size);
    free(realloc(block, size + 10));
    return recurse(depth + 1) + frame[0];
}

int main(void) {
    static char alternate[ALTERNATE];
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
    struct sigaction act = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK};
    struct rlimit limit = {STACK, STACK};
    setrlimit(RLIMIT_STACK, &limit);
    sigaltstack(&stack, NULL);
    sigaction(SIGSEGV, &act, NULL);
    volatile int recovered = 0;
    for (volatile int i = 0; i < OVERFLOWS; i++) {
        size = 16 + 111 * (size_t)i;
        if (sigsetjmp(back, 1) == 0) {
            // Each overflow comes at another place.
            char *shift = __builtin_alloca(16 * (size_t)i);
            *(volatile char *)shift = 0;
            recurse(0);
        }
        recovered++;
    }
    printf("recovered: %d\n", recovered);
    char *volatile old = malloc(40); // HERE: allocated
    char *now = realloc(old, 80);    // HERE: moved
    volatile char byte = old[0];     // HERE: read
    free(now);
    return 0;
}
