// SPDX-License-Identifier: MIT
// A thread sits in getc and holds that stream's lock for ever. The program exits after a report: the end
// may not wait for that lock.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

static void *read_for_ever(void *stream) {
    getc(stream);
    return NULL;
}

int main(void) {
    int ends[2];
    pthread_t thread;
    FILE *stream = pipe(ends) == 0 ? fdopen(ends[0], "r") : NULL;
    if (!stream) {
        return 1;
    }
    pthread_create(&thread, NULL, read_for_ever, stream);
    while (ftrylockfile(stream) == 0) {
        funlockfile(stream);
        sched_yield();
    }
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: read
    puts("end");
    return 0;
}
