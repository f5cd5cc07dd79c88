// SPDX-License-Identifier: MIT
// Fork handlers of a library that is initialised before preloaded ones run last before the fork: what
// they write to the heap must be in the child. Must stay silent.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

const char *early_written(void);

int main(void) {
    for (int i = 0; i < 3; i++) {
        pid_t child = fork();
        if (child == 0) {
            printf("child: %s\n", early_written());
            fflush(stdout);
            _exit(0);
        }
        int status;
        waitpid(child, &status, 0);
    }
    return 0;
}
