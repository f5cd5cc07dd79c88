// SPDX-License-Identifier: MIT
// A frame of a picture is used after its buffer was given back.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: write after free; access=write; freed=freed; allocated=allocated
#include <stdlib.h>

int main(void) {
    unsigned char *picture = malloc(1920 * 1080 * 4); // HERE: allocated
    unsigned char *row = picture + 540 * 1920 * 4;
    free(picture); // HERE: freed
    row[0] = 255;  // HERE: write
    return 0;
}
