// SPDX-License-Identifier: MIT
// A program ignores SIGSEGV and its kin with one of the C library's functions, the argument: those that are sent are
// ignored, and a stale read, with which the kernel would kill it, is reported.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <signal.h>
#include <stdio.h>

static void ignore(const char *way, int sig) {
    struct sigaction act = {.sa_handler = SIG_IGN}, now;
    int ret = strcmp(way, "sigaction") == 0   ? sigaction(sig, &act, NULL)
              : strcmp(way, "sigignore") == 0 ? sigignore(sig)
              : strcmp(way, "signal") == 0    ? signal(sig, SIG_IGN) != SIG_DFL
                                              : sigset(sig, SIG_IGN) != SIG_DFL;
    sigaction(sig, NULL, &now);
    printf("%d: returned %d, ignored %d, flags %x, more in the mask %d\n", sig, ret,
           now.sa_handler == SIG_IGN, now.sa_flags & SA_RESTART,
           sigismember(&now.sa_mask, SIGUSR1));
    raise(sig);
}

int main(int argc, char **argv) {
    static const int signals[] = {SIGSEGV, SIGTRAP, SIGBUS, SIGSTKFLT, SIGUSR1};
    char *old = make_stale(40);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        ignore(argv[1], signals[i]);
    }
    volatile char byte = *old; // HERE: read
    printf("refused: %d\n", sigignore(SIGKILL));
    return 0;
}
