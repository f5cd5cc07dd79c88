// SPDX-License-Identifier: MIT
// free of a string literal, which a default was set to.
// NATIVE: undefined
// REPORT: free unknown; access=free
#include <stdlib.h>

static const char *name = "default";

int main(void) {
    free((char *)name); // HERE: free
    return 0;
}
