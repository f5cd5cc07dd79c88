// SPDX-License-Identifier: MIT
// SIGSEGV that is sent while blocked stays pending until the program waits for it. Must stay silent.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    sigset_t set, pending;
    int got = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGSEGV);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGSEGV);
    sigpending(&pending);
    printf("pending: %d\n", sigismember(&pending, SIGSEGV));
    sigwait(&set, &got);
    printf("got SIGSEGV: %d\n", got == SIGSEGV);
    return 0;
}
