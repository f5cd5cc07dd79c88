// SPDX-License-Identifier: MIT
// A freed name is printed: the library reads it.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: read after free; access=print; freed=freed; allocated=allocated
#include <stdlib.h>
#include <string.h>

int main(void) {
    char *name = malloc(16); // HERE: allocated
    strcpy(name, "somebody");
    free(name);                // HERE: freed
    return strlen(name) > 100; // HERE: print
}
