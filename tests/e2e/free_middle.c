// SPDX-License-Identifier: MIT
// A pointer into the middle of a live block is freed. Must be reported, and the block stays usable.
// NATIVE: undefined
// REPORT: free middle; access=free; allocated=allocated
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    char *volatile block = malloc(40); // HERE: allocated
    if (!block) {
        return 1;
    }
    strcpy(block, "still here");
    free(block + 8); // HERE: free
    puts(block);
    free(block);
    return 0;
}
