// SPDX-License-Identifier: MIT
// A handler that was set for one time (SA_RESETHAND) gets the program's first own fault; the second one
// kills. A stale read in between is reported and does not use the handler up.
// STATUS: -11
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static sigjmp_buf back;

static void on_fault(int signal) {
    (void)signal;
    siglongjmp(back, 1);
}

int main(void) {
    struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_RESETHAND};
    sigaction(SIGSEGV, &action, NULL);
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: read
    if (sigsetjmp(back, 1) == 0) {
        *(volatile int *)16 = 1;
    }
    sigaction(SIGSEGV, NULL, &action);
    printf("the default after one: %d\n", action.sa_handler == SIG_DFL);
    fflush(stdout);
    *(volatile int *)16 = 1;
    puts("not reached");
    return 0;
}
