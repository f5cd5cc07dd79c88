// SPDX-License-Identifier: MIT
// A file that was read into memory grows past its mapping; the lines still point into the former one.
// NATIVE: undefined
// REPORT: stale read; access=read; moved=moved; allocated=allocated; now=live
#include <stdlib.h>
#include <string.h>

int main(void) {
    size_t size = 2000000;
    char *file = malloc(size); // HERE: allocated
    memset(file, 'x', size);
    const char *line = file + 1234567;
    file = realloc(file, size * 3); // HERE: moved
    file[0] = 'y';
    return *line == 'z'; // HERE: read
}
