// SPDX-License-Identifier: MIT
// One thread moves a shared table, another still writes through the address it read before. Must be
// reported with the thread of the write, of the move and of the allocation.
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
// TEXT: write of 4 bytes .* thread [2-9]
// TEXT: moved by realloc .* thread 1
// TEXT: allocated .* thread 0
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int *table;

static void *grow(void *arg) {
    (void)arg;
    table = realloc(table, 200 * sizeof(int)); // HERE: moved
    return NULL;
}

static void *write_one(void *arg) {
    int *before = arg;
    before[5] = 7; // HERE: write
    return NULL;
}

int main(void) {
    table = malloc(100 * sizeof(int)); // HERE: allocated
    if (!table) {
        return 1;
    }
    void *before = table;
    pthread_t threads[2];
    if (pthread_create(&threads[0], NULL, grow, NULL)) {
        return 1;
    }
    pthread_join(threads[0], NULL);
    if (pthread_create(&threads[1], NULL, write_one, before)) {
        return 1;
    }
    pthread_join(threads[1], NULL);
    puts("joined");
    free(table);
    return 0;
}
