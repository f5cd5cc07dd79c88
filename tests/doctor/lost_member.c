// SPDX-License-Identifier: MIT
// The same with the member of a structure in a block, which is freed afterwards; and of one in a list, which stays. The
// block was moved there by a realloc that did not fail.
// OPTIONS: fail_realloc='site:*grow*'
// REPORT: lost block; access=lost; allocated=allocated
// TEXT: 1 misuse reported \(2 occurrences\)
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
    for (int i = 0; i < 2; i++) {
        struct vector *v = create();
        grow(v);
        v->next = list;
        list = v;
    }
    free(list->next);
    puts("done");
}
