// SPDX-License-Identifier: MIT
// What is written past the end of a large block is let through, and never lies in the way of the block: that grows, and
// keeps its contents when the memory behind it is given up for other accesses.
// OPTIONS: move=natural
// NATIVE: undefined
// REPORT: write past the end; access=beyond; allocated=allocated
// REPORT: stale read; access=stale; moved=moved; allocated=small
#include "doctor.h"

enum { PAGES = 8300 }; // more than the guard lets be touched at a time

static char *seen[PAGES], *kept[PAGES];

static void work(void) {
    char *volatile block = (char *)malloc(block_size); // HERE: allocated
    size_t more = block_size + 30000;
    block[block_size + 20000] = 'x'; // HERE: beyond
    block = (char *)realloc(block, more);
    memset(block, 'y', more);
    for (int i = 0; i < PAGES; i++) {
        seen[i] = (char *)malloc(16);             // HERE: small
        kept[i] = (char *)realloc(seen[i], 4000); // HERE: moved
    }
    volatile char sum = 0;
    for (int i = 0; i < PAGES; i++) {
        sum += *(volatile char *)seen[i]; // HERE: stale
    }
    for (size_t at = 0; at < more; at++) {
        if (block[at] != 'y') {
            printf("lost at %zu\n", at);
            break;
        }
    }
    free(block);
    for (int i = 0; i < PAGES; i++) {
        free(kept[i]);
    }
}
