// SPDX-License-Identifier: MIT
// The last element of an array of pointers is the first one once more.
// NATIVE: undefined
// REPORT: double free; access=free; freed=free; allocated=allocated
#include <stdlib.h>

int main(void) {
    char *names[5];
    for (int i = 0; i < 4; i++) {
        names[i] = malloc(20); // HERE: allocated
    }
    names[4] = names[0];
    for (int i = 0; i < 5; i++) {
        free(names[i]); // HERE: free
    }
    return 0;
}
