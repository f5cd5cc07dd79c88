// SPDX-License-Identifier: MIT
// The result of realloc is not stored back, the old pointer is written through and nothing is ever
// freed, so that no allocator could notice. The write must be reported all the same.
// REPORT: stale write; access=copy; moved=moved; allocated=allocated; now=live
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
    char *larger = realloc(text, grown); // HERE: moved
    if (!larger) {
        return 1;
    }
    strncpy(text, "abcdefghijklmnopqrstuvwxyz\n", grown); // HERE: copy
    puts("nothing seen");
    return 0;
}
