// SPDX-License-Identifier: MIT
// See failures_signals.h. State: what was before.
#include "failures_signals.h"

#include "base/options.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <time.h>

// What becomes of each: an ignored SIGCHLD would leave no child to wait for, and the keepers wait for SIGTERM.
static const struct {
    int number;
    void (*handler)(int);
} taken[] = {{SIGPIPE, SIG_IGN}, {SIGXFSZ, SIG_IGN}, {SIGCHLD, SIG_DFL}, {SIGTERM, SIG_DFL}};

static struct sigaction actions_before[RG_ARRAY_LEN(taken)];
static sigset_t mask_before, waited_for;

void rg_signals_take(void) {
    static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigemptyset(&waited_for);
    sigaddset(&waited_for, SIGCHLD);
    for (size_t i = 0; i < RG_ARRAY_LEN(stops); i++) {
        struct sigaction now;
        if (sigaction(stops[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN) {
            sigaddset(&waited_for, stops[i]);
        }
    }
    sigprocmask(SIG_BLOCK, &waited_for, &mask_before);
    for (size_t i = 0; i < RG_ARRAY_LEN(taken); i++) {
        struct sigaction action = {.sa_handler = taken[i].handler};
        sigaction(taken[i].number, &action, &actions_before[i]);
    }
}

void rg_signals_give_back(void) {
    for (size_t i = 0; i < RG_ARRAY_LEN(taken); i++) {
        sigaction(taken[i].number, &actions_before[i], NULL);
    }
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

int rg_signals_wait(double seconds) {
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    int number = sigtimedwait(&waited_for, NULL, &left);
    return number > 0 && number != SIGCHLD ? number : 0;
}

void rg_signals_end_by(int number) {
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, number);
    prctl(PR_SET_DUMPABLE, 0);
    signal(number, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(number);
}
