// SPDX-License-Identifier: MIT
// Small nodes that lead to each other. Where blocks lie decides how fast they are followed, so that is a
// part of its own: it costs address translation and cache, and no call of the allocator.
#include "bench.h"
#include "load.h"

enum { NODES = 1000000, LAPS = 4 };

struct node {
    struct node *next;
    uint64_t value[3];
};
_Static_assert(sizeof(struct node) == 32, "the load is told as one of 32-byte nodes");

static void shuffle(struct node **nodes, size_t count) {
    uint64_t state = 3;
    for (size_t i = count - 1; i > 0; i--) {
        size_t other = next_random(&state) % (i + 1);
        struct node *kept = nodes[i];
        nodes[i] = nodes[other];
        nodes[other] = kept;
    }
}

static uint64_t chase(const struct node *node) {
    uint64_t sum = 0;
    for (int i = 0; i < LAPS * NODES; i++, node = node->next) {
        sum = sum * 3 + node->value[1];
    }
    return sum;
}

uint64_t load_list(void) {
    struct node **nodes = malloc(NODES * sizeof *nodes);
    for (uint64_t i = 0; i < NODES; i++) {
        nodes[i] = malloc(sizeof *nodes[i]);
        nodes[i]->value[1] = i;
    }
    shuffle(nodes, NODES);
    for (size_t i = 0; i < NODES; i++) {
        nodes[i]->next = nodes[(i + 1) % NODES];
    }
    double begun = part_begin();
    uint64_t sum = chase(nodes[0]);
    part_end("chase", begun);
    for (size_t i = 0; i < NODES; i++) {
        free(nodes[i]);
    }
    free(nodes);
    return sum;
}

enum { LEAVES = 200000, LOOKUPS = 400000 };

struct tree {
    struct tree *child[2];
    uint64_t key;
};

static struct tree **find(struct tree **at, uint64_t key) {
    while (*at && (*at)->key != key) {
        at = &(*at)->child[key > (*at)->key];
    }
    return at;
}

static void free_tree(struct tree *tree) {
    if (tree) {
        free_tree(tree->child[0]);
        free_tree(tree->child[1]);
        free(tree);
    }
}

uint64_t load_tree(void) {
    uint64_t state = 4;
    uint64_t sum = 0;
    struct tree *root = NULL;
    for (int i = 0; i < LEAVES; i++) {
        uint64_t key = next_random(&state) % (8 * (uint64_t)LEAVES);
        struct tree **at = find(&root, key);
        if (!*at) {
            *at = calloc(1, sizeof **at);
            (*at)->key = key;
        }
    }
    double begun = part_begin();
    for (int i = 0; i < LOOKUPS; i++) {
        sum += *find(&root, next_random(&state) % (8 * (uint64_t)LEAVES)) != NULL;
    }
    part_end("lookups", begun);
    free_tree(root);
    return sum;
}
