// SPDX-License-Identifier: MIT
// A program sets its handler of SIGSEGV with one of the C library's functions, the argument: each gives
// back the handler before, a stale read is reported and not given to the handler, and the program's own
// fault is.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

typedef void (*handler)(int);

static void on_fault(int signal) {
    (void)signal;
    puts("the handler");
    fflush(stdout);
    _exit(0);
}

static handler set(const char *way, handler wanted) {
    if (strcmp(way, "sigaction") == 0) {
        struct sigaction action = {.sa_handler = wanted}, old;
        sigaction(SIGSEGV, &action, &old);
        return old.sa_handler;
    }
    return strcmp(way, "signal") == 0   ? signal(SIGSEGV, wanted)
           : strcmp(way, "sigset") == 0 ? sigset(SIGSEGV, wanted)
                                        : sysv_signal(SIGSEGV, wanted);
}

int main(int argc, char **argv) {
    printf("the default before: %d\n", set(argv[1], on_fault) == SIG_DFL);
    printf("the handler before: %d\n", set(argv[1], on_fault) == on_fault);
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: read
    *(volatile int *)16 = 1;
    return 0;
}
