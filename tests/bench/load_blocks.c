// SPDX-License-Identifier: MIT
// Single blocks: allocated, touched, freed.
#include "bench.h"
#include "deep.h"
#include "load.h"

enum { KEPT = 100000, REPLACED = 3000000 };

static char *kept[KEPT];

uint64_t load_random(void) {
    uint64_t state = 1;
    uint64_t sum = 0;
    for (int i = 0; i < REPLACED; i++) {
        uint64_t r = next_random(&state);
        char **block = &kept[r % KEPT];
        if (*block) {
            sum += (unsigned char)**block;
        }
        free(*block);
        *block = malloc(16 + (size_t)(r >> 32) % 512);
        **block = (char)r;
    }
    for (int i = 0; i < KEPT; i++) {
        free(kept[i]);
    }
    return sum;
}

enum { LIVE = 1000000, LIVE_BYTES = 32, LIVE_ROUNDS = 3 };

uint64_t load_live(void) {
    uint64_t sum = 0;
    char **blocks = malloc(LIVE * sizeof *blocks);
    for (int round = 0; round < LIVE_ROUNDS; round++) {
        for (uint64_t i = 0; i < LIVE; i++) {
            blocks[i] = malloc(LIVE_BYTES);
            memset(blocks[i], (int)(i + (unsigned)round), LIVE_BYTES);
        }
        // The stride has no factor in common with the count, so this meets each block once.
        for (uint64_t i = 0, at = 0; i < LIVE; i++, at = (at + 613889) % LIVE) {
            sum = sum * 31 + (unsigned char)blocks[at][LIVE_BYTES - 1];
            free(blocks[at]);
        }
    }
    free(blocks);
    return sum;
}

enum { DEEP_PAIRS = 2000000, DEEP_FRAMES = 20, DEEP_PLACES = 16 };

static uint64_t pair(uint64_t place) {
    unsigned char *volatile block = malloc(24 + place);
    *block = (unsigned char)place;
    uint64_t sum = *block;
    free(block);
    return sum + 1;
}

uint64_t load_deep(void) {
    uint64_t state = 2;
    uint64_t sum = 0;
    for (int i = 0; i < DEEP_PAIRS; i++) {
        uint64_t place = next_random(&state) % DEEP_PLACES;
        sum += deep_call(DEEP_FRAMES, place * 0x1234567, pair, place);
    }
    return sum;
}
