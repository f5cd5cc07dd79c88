// SPDX-License-Identifier: MIT
// A signal handler that allocates and frees, often in the middle of the program's own calls. Sizes tell the two apart.
#include "told.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/time.h>

enum { SIGNALS = 3000 };
static volatile int handled, made;
static void *kept[8];

static void on_alarm(int signal) {
    (void)signal;
    int i = handled++ % 8;
    free(kept[i]);
    kept[i] = malloc(7001);
}

int main(void) {
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval each = {{0, 50}, {0, 50}}, never = {0};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &each, NULL);
    while (handled < SIGNALS) {
        char *p = malloc(7000);
        free(realloc(p, 7002));
        made++;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    tell("made 7000 %d\nmade 7001 %d\n", made, handled);
    return 0;
}
