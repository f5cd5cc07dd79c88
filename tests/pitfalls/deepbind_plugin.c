// SPDX-License-Identifier: MIT
// A plug-in for RTLD_DEEPBIND: it prefers the C library's own malloc and free to preloaded ones.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void deepbind_take(char *block) {
    free(block);
}

char *deepbind_give(void) {
    return strcpy(malloc(50), "given");
}

char *deepbind_grow(char *block) {
    return realloc(block, 5000);
}

void deepbind_use_library(void) {
    char *printed = NULL;
    free(strdup("from the C library"));
    if (asprintf(&printed, "%d", 1) > 0) {
        free(printed);
    }
}
