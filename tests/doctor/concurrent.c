// SPDX-License-Identifier: MIT
// Two threads at one block: while one is in realloc with it, the other frees it or is in realloc with it, too. The report
// has the stacks of both. Which thread comes when is decided by a memcpy of the program's own, by which realloc copies the
// block.
// CONCURRENT small|large free|realloc
// NATIVE: undefined
// REPORT: concurrent; access=other; moved=moved; allocated=allocated
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *volatile block;
static volatile int is_copying, frees;
static pthread_t other;

static long nanoseconds_of_other(void) {
    clockid_t clock;
    struct timespec spent = {0, 0};
    if (pthread_getcpuclockid(other, &clock) == 0) {
        clock_gettime(clock, &spent);
    }
    return spent.tv_sec * 1000000000L + spent.tv_nsec;
}

#ifdef __cplusplus
extern "C"
#endif
    __attribute__((visibility("default"))) void *
    memcpy(void *to, const void *from, size_t size) {
    if (from == block && !is_copying) {
        // The other one reports before it waits for this one, which takes its time, but little of the processor's.
        long before = nanoseconds_of_other();
        is_copying = 1;
        while (nanoseconds_of_other() < before + 50000000) {
            sched_yield();
        }
    }
    return memmove(to, from, size);
}

static void *use(void *unused) {
    while (!is_copying) {
        sched_yield();
    }
    frees ? free(block) : (void)(block = (char *)realloc(block, 100)); // HERE: other
    return unused;
}

int main(int argc, char **argv) {
    size_t size = argc > 1 && strcmp(argv[1], "large") == 0 ? 300000 : 1000;
    frees = argc > 2 && strcmp(argv[2], "free") == 0;
    block = (char *)malloc(size); // HERE: allocated
    pthread_create(&other, NULL, use, NULL);
    char *larger = (char *)realloc(block, size * 5); // HERE: moved
    is_copying = 1;
    pthread_join(other, NULL);
    puts(larger ? "done" : "no memory");
    return 0;
}
