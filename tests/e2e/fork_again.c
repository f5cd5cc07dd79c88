// SPDX-License-Identifier: MIT
// The same instruction writes through a stale pointer before fork, and after it in the parent and in the child. The
// child counts from zero: it reports that, too, and ends with the status of a misuse. What it writes is not wanted here.
// GUARDED: address: child status 86
// REPORT: stale write; access=write; moved=moved; allocated=allocated; now=live
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void silence(void) {
    int null = open("/dev/null", O_WRONLY);
    dup2(null, 2);
    close(null);
}

int main(void) {
    char *volatile old = malloc(40); // HERE: allocated
    if (!old) {
        return 1;
    }
    char *volatile larger = realloc(old, 400); // HERE: moved
    if (!larger) {
        return 1;
    }
    pid_t child = -1;
    for (int i = 0; i < 3; i++) {
        old[30] = 'x'; // HERE: write
        if (i == 1) {
            child = fork();
        }
        if (child == 0 && i == 1) {
            silence();
        }
    }
    int status = 0;
    if (child == 0) {
        exit(0);
    }
    waitpid(child, &status, 0);
    printf("address: child status %d\n", WEXITSTATUS(status));
    free(larger);
    return 0;
}
