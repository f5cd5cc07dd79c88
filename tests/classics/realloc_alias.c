// SPDX-License-Identifier: MIT
// Two pointers to one buffer, of which one is brought up to date.
// NATIVE: undefined
// REPORT: stale read; access=read; moved=moved; allocated=allocated; now=live
#include <stdlib.h>

int main(void) {
    char *buffer = malloc(16); // HERE: allocated
    const char *start = buffer;
    buffer[0] = 'a';
    buffer = realloc(buffer, 5000); // HERE: moved
    return *start == 'b';           // HERE: read
}
