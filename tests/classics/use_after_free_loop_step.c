// SPDX-License-Identifier: MIT
// The step of the loop reads from the node that its body has freed.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: read after free; access=step; freed=freed; allocated=allocated
#include <stdlib.h>

struct node {
    int value;
    struct node *next;
};

int main(void) {
    struct node *head = NULL;
    for (int i = 0; i < 3; i++) {
        struct node *node = malloc(sizeof *node); // HERE: allocated
        node->next = head;
        head = node;
    }
    for (struct node *node = head; node; node = node->next) { // HERE: step
        free(node);                                           // HERE: freed
    }
    return 0;
}
