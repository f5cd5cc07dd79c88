// SPDX-License-Identifier: MIT
// See export_largest.h.
#include "export_largest.h"

#include "need.h"

#include <stdlib.h>

static bool is_less(const struct rg_large *a, const struct rg_large *b) {
    return a->size != b->size ? a->size < b->size : a->number > b->number;
}

static void swap(struct rg_large *a, struct rg_large *b) {
    const struct rg_large was = *a;
    *a = *b;
    *b = was;
}

static void sift_up(struct rg_largest *l, size_t at) {
    while (at > 0 && is_less(&l->items[at], &l->items[(at - 1) / 2])) {
        swap(&l->items[at], &l->items[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct rg_largest *l) {
    size_t at = 0, child;
    while ((child = 2 * at + 1) < l->count) {
        child += child + 1 < l->count && is_less(&l->items[child + 1], &l->items[child]);
        if (!is_less(&l->items[child], &l->items[at])) {
            return;
        }
        swap(&l->items[child], &l->items[at]);
        at = child;
    }
}

bool rg_largest_wants(const struct rg_largest *l, uint64_t size) {
    return l->count < l->most || (l->most > 0 && size > l->items[0].size);
}

void rg_largest_offer(struct rg_largest *l, const struct rg_large *item) {
    struct rg_large numbered = *item;
    numbered.number = l->offered++;
    if (!rg_largest_wants(l, item->size)) {
        return;
    }
    if (l->count < l->most) {
        l->items = rg_need_room(l->items, l->count, sizeof *l->items);
        l->items[l->count++] = numbered;
        sift_up(l, l->count - 1);
    } else {
        l->items[0] = numbered;
        sift_down(l);
    }
}

static int compare_time(const void *a, const void *b) {
    const struct rg_large *x = a, *y = b;
    if (x->from != y->from) {
        return x->from < y->from ? -1 : 1;
    }
    return x->number < y->number ? -1 : x->number > y->number;
}

void rg_largest_sort(struct rg_largest *l) {
    if (l->count > 0) {
        qsort(l->items, l->count, sizeof *l->items, compare_time);
    }
}

void rg_largest_done(struct rg_largest *l) {
    free(l->items);
    *l = (struct rg_largest){0};
}
