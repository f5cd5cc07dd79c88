// SPDX-License-Identifier: MIT
// Threads take blocks from a common table, end them or change their size, and put new ones there: so most are ended by
// another thread than the one that made them, and their addresses are used again at once. With an argument as many threads
// follow each other, each with a few calls.
#include "told.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

enum { THREADS = 6, TURNS = 20000, SLOTS = 64 };

static _Atomic(void *) slot[SLOTS];
static _Atomic size_t size_of_made; // keeps sizes apart a little

static void *work(void *arg) {
    uint32_t r = (uint32_t)(uintptr_t)arg * 7919 + 1;
    for (int i = 0; i < TURNS; i++) {
        r = r * 1664525 + 1013904223;
        void *p = atomic_exchange(&slot[(r >> 8) % SLOTS], NULL);
        size_t size = 1 + (r >> 16) % 700;
        if (p && (r >> 28) % 4 == 0) {
            p = realloc(p, size);
        } else {
            free(p);
            p = malloc(size);
        }
        free(atomic_exchange(&slot[(r >> 12) % SLOTS], p));
    }
    return NULL;
}

static void *work_little(void *arg) {
    pthread_setname_np(pthread_self(), "little");
    free(malloc(123));
    return arg;
}

static void run(pthread_t *thread, void *(*fn)(void *), int number) {
    if (pthread_create(thread, NULL, fn, (void *)(uintptr_t)number) != 0) {
        abort();
    }
}

int main(int argc, char **argv) {
    pthread_t thread[THREADS];
    int followers = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 0; i < followers; i++) {
        run(thread, work_little, i);
        pthread_join(thread[0], NULL);
    }
    for (int i = 0; i < THREADS && followers == 0; i++) {
        run(&thread[i], work, i);
    }
    for (int i = 0; i < THREADS && followers == 0; i++) {
        pthread_join(thread[i], NULL);
    }
    for (int i = 0; i < SLOTS; i++) {
        free(slot[i]);
    }
    return 0;
}
