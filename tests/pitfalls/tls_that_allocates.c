// SPDX-License-Identifier: MIT
// Thread-local storage of a library that was opened with dlopen comes from malloc, at the first access
// of each thread: 1 MB each, while the threads allocate. Must stay silent and must not hang.
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 8 };

static int (*touch)(int value);

static void *run(void *arg) {
    int number = (int)(intptr_t)arg;
    char *block = NULL;
    for (int i = 1; i < 2000; i++) {
        block = realloc(block, (size_t)i);
        block[i - 1] = (char)number;
        if (i == 1000 && touch(number) != 2 * number) {
            abort();
        }
    }
    intptr_t last = block[0];
    free(block);
    return (void *)last;
}

int main(int argc, char **argv) {
    void *plugin = dlopen(argv[1], RTLD_NOW);
    touch = plugin ? dlsym(plugin, "tls_plugin_touch") : NULL;
    if (!touch) {
        return 1;
    }
    int sum = 0;
    for (int round = 0; round < 10; round++) {
        pthread_t threads[THREADS];
        for (intptr_t i = 0; i < THREADS; i++) {
            pthread_create(&threads[i], NULL, run, (void *)i);
        }
        for (int i = 0; i < THREADS; i++) {
            void *last;
            pthread_join(threads[i], &last);
            sum += (int)(intptr_t)last;
        }
    }
    printf("sum: %d\n", sum);
    return 0;
}
