// SPDX-License-Identifier: MIT
// realloc to nothing has freed the block; free comes again.
// NATIVE: undefined
// REPORT: stale free; access=free; moved=zero; allocated=allocated
#include <stdlib.h>

int main(void) {
    volatile size_t length = 0;
    char *text = malloc(10);               // HERE: allocated
    char *smaller = realloc(text, length); // HERE: zero
    if (!smaller) {
        free(text); // HERE: free
    }
    return 0;
}
