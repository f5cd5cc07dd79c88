// SPDX-License-Identifier: MIT
// Nothing is wrong here: threads allocate, grow, hand blocks to each other through a locked table and
// free what another thread allocated. Every block must hold what its last owner wrote. Must stay silent.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 6, ROUNDS = 30000, SHELVES = 256 };

struct parcel {
    size_t size;
    unsigned char fill;
    unsigned char bytes[];
};

static struct {
    pthread_mutex_t lock;
    struct parcel *parcel;
} shelves[SHELVES];

static int wrong[THREADS];

static struct parcel *resize(struct parcel *old, size_t size, unsigned char fill) {
    struct parcel *parcel = realloc(old, sizeof(*parcel) + size);
    if (!parcel) {
        abort();
    }
    parcel->size = size;
    parcel->fill = fill;
    memset(parcel->bytes, fill, size);
    return parcel;
}

static int is_intact(const struct parcel *parcel) {
    for (size_t i = 0; i < parcel->size; i++) {
        if (parcel->bytes[i] != parcel->fill) {
            return 0;
        }
    }
    return 1;
}

static void *work(void *arg) {
    uintptr_t me = (uintptr_t)arg;
    uint32_t random = 88172645U + (uint32_t)me;
    struct parcel *mine = resize(NULL, 10, (unsigned char)me);
    for (int i = 0; i < ROUNDS; i++) {
        random = random * 1664525U + 1013904223U;
        size_t shelf = (random >> 8) % SHELVES;
        pthread_mutex_lock(&shelves[shelf].lock);
        struct parcel *taken = shelves[shelf].parcel;
        shelves[shelf].parcel = mine;
        pthread_mutex_unlock(&shelves[shelf].lock);
        if (taken && !is_intact(taken)) {
            wrong[me]++;
        }
        size_t size = (random >> 16) % (i % 100 ? 600 : 20000);
        if (random & 1U << 30) {
            free(taken);
            taken = NULL;
        }
        mine = resize(taken, size, (unsigned char)random);
    }
    free(mine);
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < SHELVES; i++) {
        pthread_mutex_init(&shelves[i].lock, NULL);
    }
    for (uintptr_t i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, work, (void *)i)) {
            return 1;
        }
    }
    int total = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        total += wrong[i];
    }
    for (int i = 0; i < SHELVES; i++) {
        free(shelves[i].parcel);
    }
    printf("wrong: %d\n", total);
    return total != 0;
}
