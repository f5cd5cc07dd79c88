// SPDX-License-Identifier: MIT
// After a report, with the helper that looks up source lines still there, a program that waits for any
// child has none, and gets no SIGCHLD.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

static volatile sig_atomic_t signals;

static void on_child(int signal) {
    (void)signal;
    signals++;
}

int main(void) {
    signal(SIGCHLD, on_child);
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: read
    pid_t child = waitpid(-1, NULL, __WALL);
    printf("a child: %d, ECHILD: %d, SIGCHLD: %d\n", child > 0, errno == ECHILD, signals);
    return 0;
}
