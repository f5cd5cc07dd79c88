// SPDX-License-Identifier: MIT
// A process may have 65,530 mappings (vm.max_map_count). With guard markers that sets no limit: of
// 200,000 stale blocks any 2,000 still fault, and the program can go on mapping memory.
// REPORT: stale read; access=read; now=live
// TEXT: \(2000 occurrences\)
#include "stale.h"
#include <stdio.h>
#include <sys/mman.h>

enum { BLOCKS = 200000, USED = 2000 };

// Every block is to become stale, however many have.
const char *__realloc_guard_default_options(void) {
    return "move=always";
}

int main(void) {
    char **old = malloc(BLOCKS * sizeof(*old));
    for (int i = 0; i < BLOCKS; i++) {
        old[i] = make_stale(64);
        malloc(64); // lives on between stale ones
    }
    for (int i = 0; i < USED; i++) {
        // 7919 is prime: never the same block twice.
        volatile char byte = old[(size_t)i * 7919 % BLOCKS][i % 64]; // HERE: read
    }
    void *mapping = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("can map: %d\n", mapping != MAP_FAILED);
    return 0;
}
