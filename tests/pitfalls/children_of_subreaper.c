// SPDX-License-Identifier: MIT
// A program that adopts orphans (PR_SET_CHILD_SUBREAPER, or process 1 of a container) and waits for all its
// children must not be left with a helper of the guard's as one of them. (The report may lack source
// lines.)
// COUNT: 1
// TEXT: stale read
#include "stale.h"
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

int main(void) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    char *old = make_stale(40);
    volatile char byte = *old;
    pid_t child = waitpid(-1, NULL, 0);
    printf("a child: %d, ECHILD: %d\n", child > 0, errno == ECHILD);
    return 0;
}
