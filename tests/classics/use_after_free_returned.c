// SPDX-License-Identifier: MIT
// A function answers a buffer that it has freed.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: read after free; access=read; freed=freed; allocated=allocated
#include <stdio.h>
#include <stdlib.h>

static char *describe(int number) {
    char *text = malloc(32); // HERE: allocated
    snprintf(text, 32, "number %d", number);
    free(text); // HERE: freed
    return text;
}

int main(void) {
    char *text = describe(7);
    return text[0] == 0; // HERE: read
}
