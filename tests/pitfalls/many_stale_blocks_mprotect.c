// SPDX-License-Identifier: MIT
// A process may have 65,530 mappings (vm.max_map_count), and sealing with mprotect needs some for each
// stale block: with 200,000 of them seals lapse, which is said, and the program does not suffer: it can
// go on mapping memory and creating threads.
// STATUS: 0
// TEXT: moved blocks could not be sealed by mprotect
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { BLOCKS = 200000 };

static void *run(void *arg) {
    free(realloc(malloc(100), 5000));
    return arg;
}

// Every block is to become stale, however many have.
const char *__realloc_guard_default_options(void) {
    return "move=always";
}

int main(void) {
    for (int i = 0; i < 2 * BLOCKS; i++) {
        // Allocated at one place, every other one is moved, so that each stale one needs mappings of its own.
        char *volatile block = malloc(64);
        if (i % 2) {
            realloc(block, 128);
        }
    }
    int mapped = 0, created = 0;
    for (int i = 0; i < 100; i++) {
        pthread_t thread;
        mapped += mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                       0) != MAP_FAILED;
        created += pthread_create(&thread, NULL, run, NULL) == 0;
        pthread_join(thread, NULL);
    }
    printf("mapped: %d, created: %d\n", mapped, created);
    return 0;
}
