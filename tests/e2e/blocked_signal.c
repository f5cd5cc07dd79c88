// SPDX-License-Identifier: MIT
// Every signal is blocked while a stale pointer is written through; a fault on a blocked SIGSEGV kills.
// The write must be reported and the program must go on with its own mask.
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    sigset_t all;
    sigset_t now;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    char *volatile old = malloc(40); // HERE: allocated
    if (!old) {
        return 1;
    }
    char *volatile larger = realloc(old, 400); // HERE: moved
    if (!larger) {
        return 1;
    }
    old[30] = 'x'; // HERE: write
    sigprocmask(SIG_SETMASK, NULL, &now);
    printf("SIGSEGV blocked: %d, SIGTRAP blocked: %d\n", sigismember(&now, SIGSEGV),
           sigismember(&now, SIGTRAP));
    free(larger);
    return 0;
}
