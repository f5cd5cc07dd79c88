// SPDX-License-Identifier: MIT
// The plainest of all: free, and free again.
// NATIVE: undefined
// REPORT: double free; access=again; freed=first; allocated=allocated
#include <stdlib.h>

int main(void) {
    char *buffer = malloc(128); // HERE: allocated
    free(buffer);               // HERE: first
    free(buffer);               // HERE: again
    return 0;
}
