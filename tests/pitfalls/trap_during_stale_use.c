// SPDX-License-Identifier: MIT
// The guard needs SIGTRAP open for the one instruction that it lets through. A SIGTRAP that the program has
// blocked, and that is pending, stays pending over that, with all that was sent with it, and one that a
// handler of SIGTRAP, or of a signal that blocks all, makes is let through as well.
// COUNT: 5
// TEXT: 5 misuses reported
#include "stale.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void show(const char *when) {
    sigset_t mask, pending;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    sigpending(&pending);
    printf("%s: blocked %d, pending %d\n", when, sigismember(&mask, SIGTRAP),
           sigismember(&pending, SIGTRAP));
}

static void on_trap(int sig, siginfo_t *info, void *context) {
    (void)sig, (void)context;
    make_stale(20)[1] = 'h';
    printf("trapped, code %d\n", info->si_code);
    show("in the handler");
}

static void on_user(int sig) {
    (void)sig;
    raise(SIGTRAP);
    make_stale(30)[1] = 'u';
    show("in the handler that blocks all");
}

static void take(const sigset_t *set) {
    struct timespec at_once = {0};
    siginfo_t info = {0};
    int got = sigtimedwait(set, &info, &at_once);
    printf("got %d, code %d, own %d, value %d\n", got, info.si_code,
           got > 0 && info.si_pid == getpid(),
           info.si_code == SI_QUEUE ? info.si_value.sival_int : 0);
}

int main(void) {
    sigset_t set;
    setvbuf(stdout, NULL, _IONBF, 0);
    sigemptyset(&set);
    sigaddset(&set, SIGTRAP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGTRAP);
    sigqueue(getpid(), SIGTRAP, (union sigval){.sival_int = 42});
    make_stale(10)[1] = 'x';
    show("after the first");
    for (int i = 0; i < 3; i++) {
        take(&set);
    }
    struct sigaction act = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    sigaction(SIGTRAP, &act, NULL);
    raise(SIGTRAP);
    make_stale(40)[1] = 'y';
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    struct sigaction all = {.sa_handler = on_user};
    sigfillset(&all.sa_mask);
    sigaction(SIGUSR1, &all, NULL);
    raise(SIGUSR1);
    show("at the end");
    return 0;
}
