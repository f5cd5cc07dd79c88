// SPDX-License-Identifier: MIT
// sigaction answers what it answers without the guard, in every field, for signals that are the guard's and
// for others. Must stay silent.
#include <signal.h>
#include <stdio.h>
#include <string.h>

static void on_signal(int sig, siginfo_t *info, void *context) {
    (void)sig, (void)info, (void)context;
}

static void show(int sig, const char *when) {
    struct sigaction now;
    unsigned long mask;
    sigaction(sig, NULL, &now);
    memcpy(&mask, &now.sa_mask, sizeof mask);
    printf("%d %s: handler %d, flags %x, mask %lx, restorer %d\n", sig, when,
           now.sa_sigaction == on_signal ? 2 : now.sa_handler == SIG_IGN, now.sa_flags, mask,
           now.sa_restorer != NULL);
}

int main(void) {
    static const int signals[] = {SIGSEGV, SIGTRAP, SIGBUS, SIGUSR1};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        int sig = signals[i];
        struct sigaction act = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_NODEFER};
        show(sig, "at first");
        sigaction(sig, &act, NULL);
        show(sig, "set");
        sigfillset(&act.sa_mask);
        act.sa_flags = SA_RESTART | SA_ONSTACK;
        sigaction(sig, &act, NULL);
        show(sig, "with a full mask");
        signal(sig, SIG_IGN);
        show(sig, "ignored");
        signal(sig, SIG_DFL);
        show(sig, "default");
    }
    return 0;
}
