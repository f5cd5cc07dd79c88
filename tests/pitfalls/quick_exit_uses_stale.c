// SPDX-License-Identifier: MIT
// A stale read in the last handler of quick_exit is still reported, with status and summary.
// REPORT: stale read; access=handler; now=live
// TEXT: \n==\d+== realloc_guard: 1 misuse reported
#include "stale.h"
#include <stdio.h>

static char *old;

static void on_quick_exit(void) {
    volatile char byte = *old; // HERE: handler
    puts("at_quick_exit");
    fflush(stdout);
}

int main(void) {
    old = make_stale(70);
    at_quick_exit(on_quick_exit);
    quick_exit(0);
}
