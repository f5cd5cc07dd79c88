// SPDX-License-Identifier: MIT
#ifndef TREE_H
#define TREE_H

struct tree {
    struct tree *left;
    struct tree *right;
    int key;
};

struct tree *tree_insert(struct tree *tree, int key);
int tree_sum(const struct tree *tree);

#endif
