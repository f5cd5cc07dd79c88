// SPDX-License-Identifier: MIT
// An error path frees what the common end of the function frees, too.
// NATIVE: undefined
// REPORT: double free; access=end; freed=error; allocated=allocated
#include <stdlib.h>
#include <string.h>

static int parse(const char *text) {
    int status = 0;
    char *copy = malloc(strlen(text) + 1); // HERE: allocated
    strcpy(copy, text);
    if (strchr(copy, ':') == NULL) {
        status = -1;
        free(copy); // HERE: error
    }
    free(copy); // HERE: end
    return status;
}

int main(void) {
    return parse("key: value") + parse("no colon") + 1;
}
