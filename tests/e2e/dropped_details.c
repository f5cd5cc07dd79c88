// SPDX-License-Identifier: MIT
// Pointers moved away from before so many other moves that their details were dropped: one to a block that lives, one
// to a block that was freed, one that realloc(p, 0) freed. The realloc is named all the same.
// NATIVE: undefined
// REPORT: stale write; access=write; moved=moved; now=live
// REPORT: stale read; access=read; moved=moved_too
// REPORT: stale free; access=free; moved=released
// TEXT: moved by realloc from 100 bytes, to 0x[0-9a-f]+\n
// TEXT: today the block is gone: freed\n
// TEXT: freed by realloc\(pointer, 0\)\n
// TEXT: who allocated it was dropped: such details are kept of the last 100 blocks .* history=N keeps those
#include <stdio.h>
#include <stdlib.h>

enum { BLOCKS = 2000 };

const char *__realloc_guard_default_options(void) {
    return "move=always:history=100";
}

static char *get(void *p) {
    if (!p) {
        exit(1);
    }
    return p;
}

int main(void) {
    static char *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = get(malloc(100));
    }
    char *volatile lives = blocks[BLOCKS / 4];
    char *volatile freed = blocks[BLOCKS / 4 + 1];
    char *volatile released = blocks[BLOCKS / 4 + 2];
    blocks[BLOCKS / 4] = get(realloc(lives, 105));     // HERE: moved
    blocks[BLOCKS / 4 + 1] = get(realloc(freed, 106)); // HERE: moved_too
    blocks[BLOCKS / 4 + 2] = realloc(released, 0);     // HERE: released
    free(blocks[BLOCKS / 4 + 1]);
    blocks[BLOCKS / 4 + 1] = NULL;
    // Views in which a block lives keep their details, so all must go.
    for (int i = 0; i < 2 * BLOCKS; i++) {
        blocks[i % BLOCKS] = get(realloc(blocks[i % BLOCKS], 100 + i % 10));
    }
    lives[50] = 'x';               // HERE: write
    putchar(freed[1] ? '1' : '0'); // HERE: read
    free(released);                // HERE: free
    putchar('\n');
    for (int i = 0; i < BLOCKS; i++) {
        free(blocks[i]);
    }
    return 0;
}
