// SPDX-License-Identifier: MIT
// A stack overflow dies of SIGSEGV as ever ("dies"), or is recovered from by a handler on the program's
// own alternate stack ("recovers"), which stays the program's. Must stay silent.
// ENDS: dies -11
// ENDS: recovers 0
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sigjmp_buf back;

static void on_fault(int signal) {
    (void)signal;
    siglongjmp(back, 1);
}

static int recurse(int depth) {
    volatile char frame[1000];
    frame[0] = (char)depth;
    return recurse(depth + 1) + frame[0];
}

int main(int argc, char **argv) {
    if (strcmp(argv[1], "dies") == 0) {
        return recurse(0);
    }
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536}, now;
    struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK};
    volatile int overflows = 0;
    sigaltstack(&stack, NULL);
    sigaction(SIGSEGV, &action, NULL);
    for (volatile int i = 0; i < 3; i++) {
        if (sigsetjmp(back, 1) == 0) {
            recurse(0);
        } else {
            overflows++;
        }
    }
    sigaltstack(NULL, &now);
    printf("overflows: %d, the same stack: %d\n", overflows, now.ss_sp == stack.ss_sp);
    return 0;
}
