// SPDX-License-Identifier: MIT
// A program that goes on after a report touches ever more stale pages: here 20,000 different ones, all
// from one line. It must live to its end.
// REPORT: stale read; access=read; now=live
// TEXT: \(20000 occurrences\)
#include "stale.h"
#include <stdio.h>

enum { BLOCKS = 20000 };

// Every block is to become stale, however many have.
const char *__realloc_guard_default_options(void) {
    return "move=always";
}

int main(void) {
    char **old = malloc(BLOCKS * sizeof(*old));
    for (int i = 0; i < BLOCKS; i++) {
        old[i] = make_stale(100);
    }
    for (int i = 0; i < BLOCKS; i++) {
        volatile char byte = *old[i]; // HERE: read
    }
    puts("end");
    return 0;
}
