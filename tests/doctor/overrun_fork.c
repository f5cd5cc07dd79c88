// SPDX-License-Identifier: MIT
// What was written past the end of a block is found at fork. The child does not answer for it.
// OPTIONS: redzone=16
// REPORT: overrun; allocated=allocated
// TEXT: overrun: the check at fork finds that something has written past the end of a block of
#include "doctor.h"

#include <sys/wait.h>
#include <unistd.h>

static char *block;

static void work(void) {
    size_t n = block_size - 7;
    block = (char *)malloc(n); // HERE: allocated
    block[n] = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(3);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("%d\n", WEXITSTATUS(status));
}
