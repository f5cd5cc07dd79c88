// SPDX-License-Identifier: MIT
// A block that is moved again and again: in a loop, from many places in turn, and back to a small one. The report must
// tell its life in a few lines, and from which step the pointer is that was used.
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <stdlib.h>

static char *grow(char *block, size_t size) {
    return realloc(block, size); // HERE: moved
}

int main(void) {
    char *volatile used = NULL;
    char *block = malloc(14); // HERE: allocated
    block = realloc(block, 3000);
    for (size_t size = 4000; size <= 256000; size *= 2) {
        block = grow(block, size);
        used = size == 32000 ? block : used;
    }
    block = realloc(block, 100);
    block = realloc(block, 1000);
    block = realloc(block, 2000);
    block = realloc(block, 4000);
    block = realloc(block, 8000);
    block = realloc(block, 16000);
    block = realloc(block, 32000);
    used[3] = 'x'; // HERE: write
    free(block);
    return 0;
}
