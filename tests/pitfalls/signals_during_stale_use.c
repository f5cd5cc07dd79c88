// SPDX-License-Identifier: MIT
// A timer's signal may arrive at any instruction, also while the guard lets a stale access through: none is
// lost for good, the access is done once, and the handler runs as ever.
// NATIVE: undefined
// REPORT: stale read; access=add; now=live
// REPORT: stale write; access=add; now=live
// REPORT: stale read; access=check; now=live
// GUARDED: address: counted 20000, ticks 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

static volatile sig_atomic_t ticks;

static void on_alarm(int signal) {
    (void)signal;
    ticks++;
    free(NULL);
}

int main(void) {
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    struct itimerval interval = {{0, 500}, {0, 500}};
    volatile int *counter = calloc(1, 100);
    volatile int *volatile old = counter;
    counter = realloc((void *)counter, 5000);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &interval, NULL);
    for (int i = 0; i < 20000; i++) {
        (*old)++; // HERE: add
    }
    while (ticks == 0) {
    }
    interval = (struct itimerval){0};
    setitimer(ITIMER_REAL, &interval, NULL);
    int counted = *old; // HERE: check
    printf("address: counted %d, ticks %d\n", counted, ticks > 0);
    return 0;
}
