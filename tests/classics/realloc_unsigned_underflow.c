// SPDX-License-Identifier: MIT
// A length below zero becomes a size beyond all memory.
// OPTIONS: impossible_size=1
// NATIVE: undefined
// REPORT: impossible realloc; access=grow; allocated=allocated
#include <stdlib.h>

int main(void) {
    volatile unsigned long used = 3, removed = 10;
    char *text = malloc(16);                       // HERE: allocated
    char *smaller = realloc(text, used - removed); // HERE: grow
    free(smaller ? smaller : text);
    return 0;
}
