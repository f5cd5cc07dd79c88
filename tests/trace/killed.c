// SPDX-License-Identifier: MIT
// Is killed in the middle of four threads' work, after it has told how many calls each had made by then.
#include "told.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

enum { THREADS = 4, LEAST = 20000 };
static _Atomic int done[THREADS];

static void *work(void *arg) {
    int number = (int)(size_t)arg;
    for (;;) {
        void *p = malloc(6000 + (size_t)number);
        atomic_fetch_add(&done[number], 1);
        free(p);
    }
    return NULL;
}

int main(void) {
    pthread_t thread;
    for (size_t i = 0; i < THREADS; i++) {
        if (pthread_create(&thread, NULL, work, (void *)i) != 0) {
            return 1;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        while (atomic_load(&done[i]) < LEAST) {
            usleep(100);
        }
    }
    for (int i = 0; i < THREADS; i++) {
        tell("did %d %d\n", 6000 + i, atomic_load(&done[i]));
    }
    raise(SIGKILL);
    return 1;
}
