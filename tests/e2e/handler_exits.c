// SPDX-License-Identifier: MIT
// The program's own SIGSEGV handler leaves at once, which would hide a stale access. The access must be
// reported and the handler must not see it.
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void leave(int signal) {
    (void)signal;
    _exit(3);
}

int main(void) {
    signal(SIGSEGV, leave);
    char *volatile old = malloc(40); // HERE: allocated
    if (!old) {
        return 1;
    }
    char *volatile larger = realloc(old, 400); // HERE: moved
    if (!larger) {
        return 1;
    }
    old[30] = 'x'; // HERE: write
    puts("went on");
    free(larger);
    return 0;
}
