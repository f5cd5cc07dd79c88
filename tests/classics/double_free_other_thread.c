// SPDX-License-Identifier: MIT
// Two threads clean up the same context, one after the other.
// NATIVE: undefined
// REPORT: double free; access=main; freed=worker; allocated=allocated
#include <pthread.h>
#include <stdlib.h>

static void *work(void *context) {
    free(context); // HERE: worker
    return NULL;
}

int main(void) {
    pthread_t worker;
    void *context = malloc(64); // HERE: allocated
    pthread_create(&worker, NULL, work, context);
    pthread_join(worker, NULL);
    free(context); // HERE: main
    return 0;
}
