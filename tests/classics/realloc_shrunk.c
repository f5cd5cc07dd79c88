// SPDX-License-Identifier: MIT
// What was cut to size is read through the pointer from before.
// NATIVE: undefined
// REPORT: stale read; access=read; moved=moved; allocated=allocated; now=live
#include <stdlib.h>
#include <string.h>

int main(void) {
    char *line = malloc(4096); // HERE: allocated
    strcpy(line, "short");
    char *kept = realloc(line, 6); // HERE: moved
    return kept[0] != line[0];     // HERE: read
}
