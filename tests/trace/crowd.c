// SPDX-License-Identifier: MIT
// A thousand threads that live at the same time: each makes blocks of a size of its own, waits until all have, and ends
// them.
#include "told.h"

#include <pthread.h>
#include <stdint.h>

enum { THREADS = 1000, BLOCKS = 20, FIRST_SIZE = 10000 };

static pthread_barrier_t all_are_here;

static void *work(void *arg) {
    void *block[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        block[i] = malloc(FIRST_SIZE + (uintptr_t)arg);
    }
    pthread_barrier_wait(&all_are_here);
    for (int i = 0; i < BLOCKS; i++) {
        free(block[i]);
    }
    return NULL;
}

int main(void) {
    static pthread_t thread[THREADS];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_barrier_init(&all_are_here, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&thread[i], &small, work, (void *)(uintptr_t)i) != 0) {
            abort();
        }
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
    }
    tell("threads %d %d %d\n", THREADS, BLOCKS, FIRST_SIZE);
    return 0;
}
