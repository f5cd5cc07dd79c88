// SPDX-License-Identifier: MIT
// A thread that sets more than 32 keys makes the C library call calloc inside pthread_setspecific; and
// what a thread keeps for itself must go when it ends. 40 keys and 1,000 threads: the memory in use may
// not grow with the number of threads that have been. Must stay silent.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 40, THREADS = 1000, WARM_UP = 100, ALLOWED_KB = 8192 };

static pthread_key_t keys[KEYS];

static void *run(void *arg) {
    char *block = NULL;
    for (int i = 0; i < KEYS; i++) {
        pthread_setspecific(keys[i], malloc(64));
        block = realloc(block, (size_t)(i + 1) * 100);
        memset(block, i, (size_t)(i + 1) * 100);
    }
    free(block);
    return arg;
}

static long pss_in_kb(void) {
    char line[200];
    long found = 0;
    FILE *rollup = fopen("/proc/self/smaps_rollup", "r");
    while (fgets(line, sizeof(line), rollup) && sscanf(line, "Pss: %ld", &found) != 1) {
    }
    fclose(rollup);
    return found;
}

int main(void) {
    long before = 0;
    for (int i = 0; i < KEYS; i++) {
        pthread_key_create(&keys[i], free);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run, NULL) || pthread_join(thread, NULL)) {
            return 1;
        }
        if (i == WARM_UP) {
            before = pss_in_kb();
        }
    }
    long growth = pss_in_kb() - before;
    printf("address: grew by %ld kB\n", growth);
    printf("bounded: %d\n", growth < ALLOWED_KB);
    return 0;
}
