// SPDX-License-Identifier: MIT
// A fault while SIGSEGV is blocked kills the program at once. Whichever way the program blocks all
// signals, the argument, its stale read is reported and it goes on.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

static char *old;
static sigset_t all, all_but_alarm;

static void use(void) {
    volatile char byte = *old; // HERE: read
}

static void on_alarm(int signal) {
    (void)signal;
    use();
}

static void *run(void *arg) {
    use();
    return arg;
}

// The alarm is pending and comes as soon as the call that waits lets it in.
static void pend_alarm(void) {
    sigprocmask(SIG_SETMASK, &all, NULL);
    raise(SIGALRM);
}

int main(int argc, char **argv) {
    const char *way = argv[1];
    struct sigaction action = {.sa_handler = on_alarm};
    struct timespec limit = {.tv_sec = 20};
    pthread_attr_t attributes;
    pthread_t thread;
    old = make_stale(40);
    sigfillset(&all);
    all_but_alarm = all;
    sigdelset(&all_but_alarm, SIGALRM);
    if (strcmp(way, "sa_mask") == 0) {
        action.sa_mask = all;
    }
    sigaction(SIGALRM, &action, NULL);
    pthread_attr_init(&attributes);
    if (strcmp(way, "sigprocmask") == 0) {
        sigprocmask(SIG_SETMASK, &all, NULL);
        use();
    } else if (strcmp(way, "sa_mask") == 0) {
        raise(SIGALRM);
    } else if (strcmp(way, "sigsuspend") == 0) {
        pend_alarm();
        sigsuspend(&all_but_alarm);
    } else if (strcmp(way, "ppoll") == 0) {
        pend_alarm();
        printf("ppoll: %d\n", ppoll(NULL, 0, &limit, &all_but_alarm));
    } else if (strcmp(way, "inherited") == 0) {
        pthread_sigmask(SIG_SETMASK, &all, NULL);
        pthread_create(&thread, NULL, run, NULL);
        pthread_join(thread, NULL);
    } else if (strcmp(way, "attribute") == 0) {
        pthread_attr_setsigmask_np(&attributes, &all);
        pthread_create(&thread, &attributes, run, NULL);
        pthread_join(thread, NULL);
    }
    puts("end");
    return 0;
}
