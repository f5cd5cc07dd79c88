// SPDX-License-Identifier: MIT
// A thread still uses the argument that its creator has freed.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: read after free; access=read; freed=freed; allocated=allocated
#include <pthread.h>
#include <stdlib.h>

static pthread_barrier_t barrier;

static void *work(void *argument) {
    pthread_barrier_wait(&barrier);
    int number = *(int *)argument; // HERE: read
    return number > 1000 ? argument : NULL;
}

int main(void) {
    pthread_t worker;
    pthread_barrier_init(&barrier, NULL, 2);
    int *argument = malloc(sizeof *argument); // HERE: allocated
    *argument = 7;
    pthread_create(&worker, NULL, work, argument);
    free(argument); // HERE: freed
    pthread_barrier_wait(&barrier);
    pthread_join(worker, NULL);
    return 0;
}
