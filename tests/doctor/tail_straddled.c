// SPDX-License-Identifier: MIT
// An access begins in the block and ends in what realloc has cut off. Where it begins is not known, and not said.
// NATIVE: undefined
// REPORT: write past the end; access=write; moved=cut; allocated=allocated
// REPORT: read past the end; access=read; moved=cut; allocated=allocated
// TEXT: write of 8 bytes that reaches 0x[0-9a-f]+000, 0 bytes past the end of the block of (16|1499136) bytes
// TEXT: read of 1 byte at 0x[0-9a-f]+000, 0 bytes past the end of the block of (16|1499136) bytes
#include "doctor.h"

static void work(void) {
    size_t whole_pages = 366 * 4096, size = block_size > whole_pages ? whole_pages : 16;
    char *volatile block = (char *)malloc(block_size); // HERE: allocated
    memset(block, 'x', block_size);
    block = (char *)realloc(block, size);                  // HERE: cut
    *(volatile uint64_t *)(block + size - 4) = 0;          // HERE: write
    volatile char seen = *(volatile char *)(block + size); // HERE: read
    printf("%d %c %d\n", block[size - 1], block[size - 5], seen);
    free(block);
}
