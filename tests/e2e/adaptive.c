// SPDX-License-Identifier: MIT
// Calls realloc from one place, always with the size that the block has, and counts how often it moves: among the first
// calls, those of the second stage and some of the third. The same for a block of 64 pages, from another place.
#include <stdio.h>
#include <stdlib.h>

enum { STAGES = 3 };

static int count_moves(char **block, size_t size, int calls) {
    int moves = 0;
    for (int i = 0; i < calls; i++) {
        char *volatile before = *block;
        *block = realloc(*block, size);
        moves += *block != before;
    }
    return moves;
}

static void print_moves(const char *name, size_t size, const int calls[STAGES]) {
    char *block = malloc(size);
    printf("%s:", name);
    for (int stage = 0; stage < STAGES; stage++) {
        printf(" %d", count_moves(&block, size, calls[stage]));
    }
    printf("\n");
    free(block);
}

int main(void) {
    // Not by a loop: each line is a place of its own.
    print_moves("small", 100, (int[]){1024, 65 * 1024, 129 * 8});
    print_moves("64 pages", 64 * 4096, (int[]){16, 65 * 16, 129 * 2});
    return 0;
}
