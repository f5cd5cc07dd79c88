// SPDX-License-Identifier: MIT
// The header of a vector moves with its elements.
// NATIVE: undefined
// REPORT: stale read; access=read; moved=moved; allocated=allocated; now=live
#include <stdlib.h>

struct vector {
    size_t count;
    int element[];
};

static struct vector *append(struct vector *v, int value) {
    v = realloc(v, sizeof *v + (v->count + 1) * sizeof v->element[0]); // HERE: moved
    v->element[v->count++] = value;
    return v;
}

int main(void) {
    struct vector *v = malloc(sizeof *v); // HERE: allocated
    v->count = 0;
    append(v, 7);
    return v->count > 1000; // HERE: read
}
