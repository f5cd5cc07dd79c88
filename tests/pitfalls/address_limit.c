// SPDX-License-Identifier: MIT
// With a limit on address space (ulimit -v) the guard's reservations must leave the program its share:
// of 4 GB, 1.2 GB of blocks, a mapping of 1 GB and 20 threads. When the limit is reached malloc
// returns NULL with ENOMEM, and the program goes on. Must stay silent.
#include "limited.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { BLOCKS = 1200, THREADS = 20, MB = 1 << 20 };

static void *run(void *arg) {
    free(malloc(10));
    return arg;
}

int main(int argc, char **argv) {
    static void *blocks[BLOCKS];
    (void)argc;
    limit_address_space(argv, 4000000UL * 1024);
    int got = 0, created = 0;
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(MB);
        got += blocks[i] != NULL;
    }
    void *mapping =
        mmap(NULL, 1024UL * MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_t thread;
        created += pthread_create(&thread, NULL, run, NULL) == 0;
        pthread_join(thread, NULL);
    }
    printf("blocks: %d, mapped: %d, threads: %d\n", got, mapping != MAP_FAILED, created);
    errno = 0;
    void *too_large = malloc(3000UL * MB);
    printf("too large: %d, ENOMEM: %d\n", too_large == NULL, errno == ENOMEM);
    free(realloc(blocks[0], 2 * MB));
    return 0;
}
