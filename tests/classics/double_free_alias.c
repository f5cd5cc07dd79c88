// SPDX-License-Identifier: MIT
// Two structures own one string.
// NATIVE: undefined
// REPORT: double free; access=second; freed=first; allocated=allocated
#include <stdlib.h>
#include <string.h>

struct user {
    char *name;
};

static void drop(struct user *user) {
    free(user->name);
}

int main(void) {
    struct user original, copy;
    original.name = strdup("somebody"); // HERE: allocated
    copy = original;
    free(original.name); // HERE: first
    free(copy.name);     // HERE: second
    original.name = NULL;
    drop(&original);
    return 0;
}
