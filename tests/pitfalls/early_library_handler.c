// SPDX-License-Identifier: MIT
// A handler of SIGSEGV that was installed before the guard's set-up: it gets the program's own fault, and
// not the one of a stale read.
// STATUS: 86
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <stdio.h>
#include <unistd.h>

extern char *early_block;

int main(int argc, char **argv) {
    if (!getenv("EARLY_HANDLER")) {
        setenv("EARLY_HANDLER", "1", 1);
        execv(argv[0], argv);
        return early_block == NULL;
    }
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: read
    *(volatile int *)16 = 1;
    return 0;
}
