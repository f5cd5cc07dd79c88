// SPDX-License-Identifier: MIT
// A signal handler that allocates interrupts threads at their end, when they give back what they had cached.
// No block may have two owners. Must stay silent. (The C library's own malloc may not be called from a
// handler; the program blocks the signal where that would matter natively.)
// NATIVE: undefined
// GUARDED: blocks overwritten: 0
// STATUS: 0
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

enum { THREADS = 1500, OF_HANDLER = 1 << 16, OF_MAIN = 10, AT_ONCE = 200, LATER = 20000 };

static long *volatile of_handler[OF_HANDLER];
static _Atomic int handled;
static long *of_main[THREADS * OF_MAIN];
static pthread_t first;

static void allocate(int sig) {
    int i = pthread_equal(pthread_self(), first) ? OF_HANDLER : handled++;
    if (i < OF_HANDLER) {
        long *block = malloc(64);
        *block = i;
        of_handler[i] = block;
    }
}

static void *run(void *arg) {
    void *blocks[AT_ONCE];
    for (int i = 0; i < AT_ONCE; i++) {
        blocks[i] = malloc(64);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        free(blocks[i]);
    }
    return arg;
}

int main(void) {
    struct itimerval often = {{0, 30}, {0, 30}}, never = {0};
    int wrong = 0, count = 0;
    first = pthread_self();
    signal(SIGALRM, allocate);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < THREADS; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run, NULL)) {
            return 1;
        }
        for (int j = 0; j < OF_MAIN; j++, count++) {
            of_main[count] = malloc(64);
            *of_main[count] = -1 - count;
        }
        pthread_join(thread, NULL);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    for (int i = 0; i < LATER; i++) {
        *(long *)malloc(64) = OF_HANDLER;
    }
    for (int i = 0; i < handled && i < OF_HANDLER; i++) {
        wrong += of_handler[i] && *of_handler[i] != i;
    }
    for (int i = 0; i < count; i++) {
        wrong += *of_main[i] != -1 - i;
    }
    printf("blocks overwritten: %d\n", wrong);
    fflush(stdout);
    _Exit(0);
}
