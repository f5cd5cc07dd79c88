// SPDX-License-Identifier: MIT
// As concurrent.c, but under a lock.
// CONCURRENT small|large free|realloc
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMES = 2000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *block;
static size_t size;
static int frees;

static void *use(void *unused) {
    for (size_t i = 1; i <= TIMES; i++) {
        pthread_mutex_lock(&lock);
        if (frees && i % 2 == 0) {
            free(block);
            block = NULL;
        }
        block = (char *)realloc(block, size + i % 100);
        block[size - 1] = 'x';
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

int main(int argc, char **argv) {
    pthread_t other;
    size = argc > 1 && strcmp(argv[1], "large") == 0 ? 300000 : 1000;
    frees = argc > 2 && strcmp(argv[2], "free") == 0;
    pthread_create(&other, NULL, use, NULL);
    use(NULL);
    pthread_join(other, NULL);
    puts("done");
    free(block);
    return 0;
}
