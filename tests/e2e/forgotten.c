// SPDX-License-Identifier: MIT
// The result of realloc goes to a second pointer and is never stored back: the copy, the print and
// the free all use the pointer from before. All three must be reported; the program still prints
// everything and ends.
// REPORT: stale write; access=copy; moved=moved; allocated=allocated; now=live
// REPORT: stale read; access=print; moved=moved; allocated=allocated; now=live
// REPORT: stale free; access=free; moved=moved; allocated=allocated; now=live
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    volatile size_t grown = 32;
    char *text = malloc(14); // HERE: allocated
    if (!text) {
        return 1;
    }
    strncpy(text, "hello, world\n", 14);
    fputs(text, stdout);

    char *larger = realloc(text, grown); // HERE: moved
    if (!larger) {
        return 1;
    }
    strncpy(text, "abcdefghijklmnopqrstuvwxyz\n", grown); // HERE: copy
    fputs(text, stdout);                                  // HERE: print
    free(text);                                           // HERE: free
    return 0;
}
