// SPDX-License-Identifier: MIT
// Calls realloc from one place, always with the size that the block has, and counts how often it moves:
// among the first 1,024 calls and among 6,400 more.
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *block = malloc(100);
    int moves[2] = {0, 0};
    for (int i = 0; i < 1024 + 6400; i++) {
        char *volatile before = block;
        block = realloc(block, 100);
        moves[i >= 1024] += block != before;
    }
    printf("%d %d\n", moves[0], moves[1]);
    free(block);
    return 0;
}
