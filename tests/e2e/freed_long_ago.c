// SPDX-License-Identifier: MIT
// Blocks are freed, and realloc moves others away from beside them until nothing lives there any more. From then on
// a use of the freed ones is seen too, and the program goes on.
// NATIVE: undefined
// REPORT: read after free; access=read; freed=freed
// REPORT: write after free; access=write; freed=freed
// REPORT: read after free; access=call; freed=freed
// REPORT: double free; access=again; freed=freed
// GUARDED: address: reads 0, write 4
// TEXT: at offset 5 of the block of 1000 bytes
// TEXT: by the system, for write \(argument buf\), at offset 0 of the block of 1000 bytes
// TEXT: who allocated it is not known any more
// TEXT: the block was freed at freed_long_ago.c:\d+ already; free it later, or do not use it after that
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LIVE = 64, ROUNDS = 40 };

static char *get(void *p) {
    if (!p) {
        exit(1);
    }
    return p;
}

static char *candidates[ROUNDS * LIVE];

// An address that is handed out once more is not what is looked for.
static void cross_out(const char *p) {
    for (int i = 0; i < ROUNDS * LIVE; i++) {
        candidates[i] = candidates[i] == p ? NULL : candidates[i];
    }
}

int main(void) {
    int pipe_ends[2];
    for (int round = 0; round < ROUNDS; round++) {
        char *blocks[LIVE];
        for (int i = 0; i < LIVE; i++) {
            blocks[i] = get(malloc(1000));
            cross_out(blocks[i]);
        }
        for (int i = 0; i < LIVE; i++) {
            bool is_moved = i % 2 == 0;
            candidates[round * LIVE + i] = is_moved ? NULL : blocks[i];
            blocks[i] = is_moved ? get(realloc(blocks[i], 5000)) : blocks[i];
            free(blocks[i]); // HERE: freed
        }
    }
    // The first round's blocks lie elsewhere: then the guard did not know yet that many of them would move.
    int found = LIVE;
    while (found < ROUNDS * LIVE - 1 && !candidates[found]) {
        found++;
    }
    char *volatile freed = candidates[found];
    int value = freed[5]; // HERE: read
    freed[6] = 'x';       // HERE: write
    if (pipe(pipe_ends) != 0) {
        return 1;
    }
    printf("address: reads %d, write %zd\n", value, write(pipe_ends[1], freed, 4)); // HERE: call
    free(freed);                                                                    // HERE: again
    return 0;
}
