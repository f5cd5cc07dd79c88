// SPDX-License-Identifier: MIT
// The pointer was moved on while the text was read, and is freed where it stands.
// NATIVE: undefined
// REPORT: free middle; access=free; allocated=allocated
#include <stdlib.h>
#include <string.h>

int main(void) {
    char *text = malloc(64); // HERE: allocated
    strcpy(text, "   indented");
    while (*text == ' ') {
        text++;
    }
    free(text); // HERE: free
    return 0;
}
