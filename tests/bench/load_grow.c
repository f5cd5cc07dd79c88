// SPDX-License-Identifier: MIT
// Blocks that change their size.
#include "bench.h"
#include "load.h"

enum { VECTORS = 30000, VECTORS_OPEN = 100, ITEMS_MAX = 2000 };

struct vector {
    uint64_t *items;
    size_t count, room;
};

static void push(struct vector *v, uint64_t item) {
    if (v->count == v->room) {
        v->room = v->room ? 2 * v->room : 4;
        v->items = realloc(v->items, v->room * sizeof *v->items);
    }
    v->items[v->count++] = item;
}

uint64_t load_vectors(void) {
    static struct vector open[VECTORS_OPEN];
    uint64_t state = 5;
    uint64_t sum = 0;
    for (int i = 0; i < VECTORS; i++) {
        struct vector *v = &open[i % VECTORS_OPEN];
        sum += v->count ? v->items[v->count / 2] : 0;
        free(v->items);
        *v = (struct vector){NULL, 0, 0};
        uint64_t count = next_random(&state) % ITEMS_MAX;
        for (uint64_t item = 0; item < count; item++) {
            push(v, item * 7);
        }
    }
    for (int i = 0; i < VECTORS_OPEN; i++) {
        free(open[i].items);
    }
    return sum;
}

enum { STRINGS = 1000, LENGTH_MAX = 2000 };

uint64_t load_strings(void) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < STRINGS; i++) {
        char *string = NULL;
        for (unsigned length = 0; length < LENGTH_MAX; length++) {
            string = realloc(string, length + 1);
            string[length] = (char)(i + length);
        }
        sum = sum * 31 + (unsigned char)string[LENGTH_MAX / 2];
        free(string);
    }
    return sum;
}

enum { BUFFERS = 300000, BUFFERS_KEPT = 1000, BUFFER_BYTES = 4000 };

uint64_t load_shrink(void) {
    static char *buffers[BUFFERS_KEPT];
    uint64_t state = 6;
    uint64_t sum = 0;
    for (int i = 0; i < BUFFERS; i++) {
        char **buffer = &buffers[i % BUFFERS_KEPT];
        sum += *buffer ? (unsigned char)**buffer : 0;
        free(*buffer);
        size_t used = 16 + next_random(&state) % 1000;
        *buffer = malloc(BUFFER_BYTES);
        memset(*buffer, i, used);
        *buffer = realloc(*buffer, used);
    }
    for (int i = 0; i < BUFFERS_KEPT; i++) {
        free(buffers[i]);
    }
    return sum;
}
