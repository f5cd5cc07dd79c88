// SPDX-License-Identifier: MIT
// A pointer to an element of an array that grows.
// NATIVE: undefined
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <stdlib.h>

struct point {
    double x, y;
};

static struct point *points;
static size_t count;

static struct point *add(void) {
    points = realloc(points, ++count * sizeof *points); // HERE: moved
    return &points[count - 1];
}

int main(void) {
    points = malloc(sizeof *points); // HERE: allocated
    struct point *first = add();
    struct point *second = add();
    second->x = 1;
    first->y = 2; // HERE: write
    return 0;
}
