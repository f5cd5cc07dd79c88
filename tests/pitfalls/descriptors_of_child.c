// SPDX-License-Identifier: MIT
// After a report, a program closes the guard's descriptors and opens its own under the same numbers; a
// child made by fork must find all of them open.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    char *old = make_stale(40);
    volatile char byte = *old; // HERE: read
    close_range(3, ~0U, 0);
    int opened = 0;
    while (opened < 600 && open("/dev/null", O_RDONLY) >= 0) {
        opened++;
    }
    pid_t child = fork();
    if (child == 0) {
        int closed = 0;
        for (int fd = 3; fd < 3 + opened; fd++) {
            closed += fcntl(fd, F_GETFD) < 0;
        }
        printf("closed in the child: %d\n", closed);
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return 0;
}
