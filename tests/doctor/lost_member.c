// SPDX-License-Identifier: MIT
// The same with members of structures in a list, every other one of which is freed afterwards. The
// block was moved there by a realloc that did not fail.
// OPTIONS: fail_realloc='site:*grow*'
// REPORT: lost block; access=lost; allocated=allocated
// TEXT: 1 misuse reported \([6-8] occurrences\)
// A large block may be taken for one that some number leads to (src/README.md), once in some thousand times.
#include "doctor.h"

struct vector {
    struct vector *next;
    char *items;
    size_t size;
};

static struct vector *list;

static void grow(struct vector *v) {
    v->items = (char *)realloc(v->items, v->size * 2); // HERE: lost
}

static struct vector *create(void) {
    struct vector *v = (struct vector *)malloc(sizeof *v);
    v->size = block_size;
    v->items = (char *)malloc(v->size); // HERE: allocated
    v->size *= 2;
    v->items = (char *)realloc(v->items, v->size);
    return v;
}

static void work(void) {
    for (int i = 0; i < 8; i++) {
        struct vector *v = create();
        grow(v);
        v->next = list;
        list = v;
    }
    for (struct vector *v = list; v; v = v->next) {
        struct vector *other = v->next;
        v->next = other->next;
        free(other);
    }
    puts("done");
}
