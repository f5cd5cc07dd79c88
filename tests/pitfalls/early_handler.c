// SPDX-License-Identifier: MIT
// A handler of SIGSEGV installed, and the signal blocked, before the first allocation of all: the mask is
// as the program has set it, a stale read is reported all the same, and the program's own fault, once
// unblocked, reaches that handler.
// STATUS: 86
// REPORT: stale read; access=read; now=live
// NATIVE: the early handler
// GUARDED: the early handler
#include "stale.h"
#include <signal.h>
#include <stdio.h>

extern int early_handler_is_set;

int main(void) {
    sigset_t set;
    printf("set: %d\n", early_handler_is_set);
    sigprocmask(SIG_BLOCK, NULL, &set);
    printf("blocked: %d %d\n", sigismember(&set, SIGSEGV), sigismember(&set, SIGTRAP));
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: read
    fflush(stdout);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    *(volatile int *)16 = 1;
    return 0;
}
