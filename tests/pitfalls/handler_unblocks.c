// SPDX-License-Identifier: MIT
// In a handler of SIGSEGV that signal is blocked, as the program sees it; the handler may unblock it and
// fault again, and gets that fault too. Must stay silent.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static sigjmp_buf outer, inner;
static volatile int depth;

static void on_fault(int signal) {
    if (depth++ > 0) {
        siglongjmp(inner, 1);
    }
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    printf("blocked in the handler: %d\n", sigismember(&mask, SIGSEGV));
    sigemptyset(&mask);
    sigaddset(&mask, signal);
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
    if (sigsetjmp(inner, 1) == 0) {
        *(volatile int *)8 = 1;
    }
    puts("recovered in the handler");
    siglongjmp(outer, 1);
}

int main(void) {
    struct sigaction action = {.sa_handler = on_fault};
    sigset_t mask;
    sigaction(SIGSEGV, &action, NULL);
    if (sigsetjmp(outer, 1) == 0) {
        *(volatile int *)16 = 1;
    }
    sigprocmask(SIG_BLOCK, NULL, &mask);
    printf("recovered, blocked: %d\n", sigismember(&mask, SIGSEGV));
    return 0;
}
