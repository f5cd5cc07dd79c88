// SPDX-License-Identifier: MIT
// A node of a list is made larger; its neighbour still points to where it was.
// NATIVE: undefined
// REPORT: stale read; access=read; moved=moved; allocated=second; now=live
#include <stdlib.h>

struct node {
    struct node *next;
    char text[];
};

int main(void) {
    struct node *second = calloc(1, sizeof *second + 8); // HERE: second
    struct node *first = calloc(1, sizeof *first + 8);
    first->next = second;
    second = realloc(second, sizeof *second + 800); // HERE: moved
    second->text[0] = 'x';
    return first->next->text[0] == 'y'; // HERE: read
}
