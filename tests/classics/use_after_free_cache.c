// SPDX-License-Identifier: MIT
// A global keeps the last result, which its owner frees.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: read after free; access=cached; freed=freed; allocated=allocated
#include <stdlib.h>
#include <string.h>

static char *last;

static char *look_up(const char *key) {
    if (last && last[0] == key[0]) { // HERE: cached
        return last;
    }
    last = strdup(key); // HERE: allocated
    return last;
}

int main(void) {
    char *first = look_up("alpha");
    free(first); // HERE: freed
    look_up("beta");
    return 0;
}
