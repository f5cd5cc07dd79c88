// SPDX-License-Identifier: MIT
// free of a local array.
// NATIVE: undefined
// REPORT: free unknown; access=free
#include <stdlib.h>

int main(void) {
    char buffer[64] = "on the stack";
    char *volatile text = buffer;
    free(text); // HERE: free
    return 0;
}
