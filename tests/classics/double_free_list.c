// SPDX-License-Identifier: MIT
// A list is freed as a whole, after one node of it has been freed without being unlinked.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: read after free; access=next; freed=one; allocated=allocated
// REPORT: double free; access=all; freed=one; allocated=allocated
#include <stdlib.h>

struct node {
    struct node *next;
    int value;
};

static struct node *push(struct node *head, int value) {
    struct node *node = malloc(sizeof *node); // HERE: allocated
    node->next = head;
    node->value = value;
    return node;
}

int main(void) {
    struct node *head = push(push(push(NULL, 1), 2), 3);
    free(head->next); // HERE: one
    while (head) {
        struct node *next = head->next; // HERE: next
        free(head);                     // HERE: all
        head = next;
    }
    return 0;
}
