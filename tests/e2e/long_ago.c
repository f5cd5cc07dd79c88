// SPDX-License-Identifier: MIT
// A pointer moved away from before 1,000,000 other moves and 2 GB of traffic. No list of recent
// moves is that long; the write must be reported and named after the right realloc.
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIVE = 1000, MOVES = 1000000, LARGEST = 4096 };

static uint32_t next_random(void) {
    static uint32_t state = 2463534242U;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

const char *__realloc_guard_default_options(void) {
    return "move=always";
}

static uint64_t move_others(void) {
    static char *blocks[LIVE];
    uint64_t traffic = 0;
    for (int i = 0; i < MOVES; i++) {
        char **block = &blocks[i % LIVE];
        size_t size = 1 + next_random() % LARGEST;
        char *moved = realloc(*block, size);
        if (!moved) {
            exit(1);
        }
        memset(moved, i, size);
        traffic += size;
        *block = moved;
    }
    for (int i = 0; i < LIVE; i++) {
        free(blocks[i]);
    }
    return traffic;
}

int main(void) {
    char *volatile old = malloc(100); // HERE: allocated
    if (!old) {
        return 1;
    }
    char *volatile larger = realloc(old, 200); // HERE: moved
    if (!larger) {
        return 1;
    }
    uint64_t traffic = move_others();
    old[50] = 'x'; // HERE: write
    printf("2 GB moved: %s\n", traffic >= 2000000000U ? "yes" : "no");
    free(larger);
    return 0;
}
