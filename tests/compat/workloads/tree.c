// SPDX-License-Identifier: MIT
#include "tree.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tree *tree_insert(struct tree *tree, int key) {
    if (!tree) {
        tree = calloc(1, sizeof(*tree));
        if (!tree) {
            abort();
        }
        tree->key = key;
    } else if (key < tree->key) {
        tree->left = tree_insert(tree->left, key);
    } else {
        tree->right = tree_insert(tree->right, key);
    }
    return tree;
}

int tree_sum(const struct tree *tree) {
    return tree ? tree->key + tree_sum(tree->left) + tree_sum(tree->right) : 0;
}

int main(void) {
    struct tree *tree = NULL;
    for (int i = 0; i < 1000; i++) {
        tree = tree_insert(tree, (int)((unsigned)i * 7919U % 1009U));
    }
    printf("%d %" PRId64 " %.3f %zu\n", tree_sum(tree), (int64_t)tree->key, sqrt(2.0),
           strlen("words"));
    return 0;
}
