// SPDX-License-Identifier: MIT
// errno survives what succeeds: free, malloc, realloc and an access that is reported.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <errno.h>
#include <stdio.h>

static void check(const char *what) {
    printf("%s: %d\n", what, errno);
    errno = 123;
}

int main(void) {
    char *old = make_stale(40);
    printf("address: so that stdio has its buffer\n");
    errno = 123;
    char *small = malloc(10);
    check("malloc");
    char *large = malloc(10 << 20);
    check("malloc of 10 MB");
    small = realloc(small, 5000);
    check("realloc");
    large = realloc(large, 50 << 20);
    check("realloc to 50 MB");
    large = realloc(large, 100);
    check("realloc to less");
    free(calloc(10, 10));
    check("calloc");
    free(small);
    check("free");
    free(large);
    check("free of a large block");
    free(NULL);
    check("free of NULL");
    volatile char byte = *old; // HERE: read
    check("reported access");
    return 0;
}
