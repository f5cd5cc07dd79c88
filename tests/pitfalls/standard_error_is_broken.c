// SPDX-License-Identifier: MIT
// Standard error is a pipe that nobody reads any more: writing a report must not kill by SIGPIPE, nor leave
// that signal behind.
// STATUS: 86
#include "stale.h"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int ends[2];
    sigset_t pending;
    if (pipe(ends)) {
        return 1;
    }
    close(ends[0]);
    dup2(ends[1], 2);
    close(ends[1]);
    char *old = make_stale(40);
    volatile char byte = *old;
    sigpending(&pending);
    printf("SIGPIPE pending: %d\n", sigismember(&pending, SIGPIPE));
    return 0;
}
