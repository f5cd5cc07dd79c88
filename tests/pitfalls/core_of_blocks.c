// SPDX-License-Identifier: MIT
// A core file has every alias of a page, unless it is left out: here 100,000 blocks of 100 bytes, half of
// them moved, and the end by abort. check_core.py compares the files' sizes.
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 100000 };

char *blocks[BLOCKS];

int main(void) {
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(100);
        memset(blocks[i], 'b', 100);
        if (i % 2) {
            blocks[i] = realloc(blocks[i], 120);
        }
    }
    abort();
}
