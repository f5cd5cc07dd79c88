// SPDX-License-Identifier: MIT
// A pointer that went stale before fork is written through in the child. The child must report it; the
// parent, which did nothing wrong, keeps its own status.
// STATUS: 0
// GUARDED: address: child status 86
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    char *volatile old = malloc(40); // HERE: allocated
    if (!old) {
        return 1;
    }
    char *volatile larger = realloc(old, 400); // HERE: moved
    if (!larger) {
        return 1;
    }
    larger[30] = 'p';
    pid_t child = fork();
    if (child == 0) {
        old[30] = 'x'; // HERE: write
        exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("address: child status %d\n", WEXITSTATUS(status));
    printf("parent sees %c\n", larger[30]);
    free(larger);
    return 0;
}
