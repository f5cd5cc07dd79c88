// SPDX-License-Identifier: MIT
// The top of an interpreter's stack, kept while the stack grows.
// NATIVE: undefined
// REPORT: stale write; access=push; moved=moved; allocated=allocated; now=live
#include <stdlib.h>

struct machine {
    long *stack, *top;
    size_t room;
};

static void push(struct machine *m, long value) {
    *m->top++ = value; // HERE: push
}

static void reserve(struct machine *m, size_t room) {
    m->stack = realloc(m->stack, room * sizeof *m->stack); // HERE: moved
    m->room = room;
}

int main(void) {
    struct machine m = {.room = 4};
    m.stack = malloc(m.room * sizeof *m.stack); // HERE: allocated
    m.top = m.stack;
    push(&m, 1);
    reserve(&m, 64);
    push(&m, 2);
    return 0;
}
