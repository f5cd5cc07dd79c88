// SPDX-License-Identifier: MIT
// Two threads: one allocates what the other frees, or each for itself.
#include "bench.h"
#include "load.h"

#include <pthread.h>

enum { HANDED_OVER = 1500000, BATCH = 256, ROOM = 8 * BATCH };

// Batches keep the cost of waking each other out of what is measured. `count` is under the lock.
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned count;
    unsigned char *block[ROOM];
} queue = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, {0}};

static void *produce(void *arg) {
    (void)arg;
    uint64_t state = 7;
    for (unsigned i = 0; i < HANDED_OVER; i += BATCH) {
        for (unsigned j = i; j < i + BATCH; j++) {
            unsigned char *block = malloc(16 + next_random(&state) % 240);
            *block = (unsigned char)j;
            queue.block[j % ROOM] = block;
        }
        pthread_mutex_lock(&queue.lock);
        queue.count += BATCH;
        pthread_cond_signal(&queue.changed);
        while (queue.count > ROOM - BATCH) {
            pthread_cond_wait(&queue.changed, &queue.lock);
        }
        pthread_mutex_unlock(&queue.lock);
    }
    return NULL;
}

uint64_t load_pipeline(void) {
    uint64_t sum = 0;
    pthread_t producer;
    pthread_create(&producer, NULL, produce, NULL);
    for (unsigned i = 0; i < HANDED_OVER; i += BATCH) {
        pthread_mutex_lock(&queue.lock);
        while (queue.count < BATCH) {
            pthread_cond_wait(&queue.changed, &queue.lock);
        }
        pthread_mutex_unlock(&queue.lock);
        for (unsigned j = i; j < i + BATCH; j++) {
            sum = sum * 31 + *queue.block[j % ROOM];
            free(queue.block[j % ROOM]);
        }
        pthread_mutex_lock(&queue.lock);
        queue.count -= BATCH;
        pthread_cond_signal(&queue.changed);
        pthread_mutex_unlock(&queue.lock);
    }
    pthread_join(producer, NULL);
    return sum;
}

enum { THREADS = 2, PAIRS = 2000000, KEPT = 1000 };

static void *replace(void *arg) {
    uint64_t state = (uintptr_t)arg;
    uint64_t sum = 0;
    unsigned char *kept[KEPT] = {NULL};
    for (int i = 0; i < PAIRS; i++) {
        uint64_t r = next_random(&state);
        unsigned char **block = &kept[r % KEPT];
        sum += *block ? **block : 0;
        free(*block);
        *block = malloc(16 + (size_t)(r >> 32) % 512);
        **block = (unsigned char)r;
    }
    for (int i = 0; i < KEPT; i++) {
        free(kept[i]);
    }
    return (void *)(uintptr_t)sum;
}

uint64_t load_threads(void) {
    uint64_t sum = 0;
    pthread_t thread[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++) {
        pthread_create(&thread[i], NULL, replace, (void *)(i + 8));
    }
    for (int i = 0; i < THREADS; i++) {
        void *one;
        pthread_join(thread[i], &one);
        sum += (uintptr_t)one;
    }
    return sum;
}
