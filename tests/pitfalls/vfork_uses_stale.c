// SPDX-License-Identifier: MIT
// A vfork child that has reset its signals uses a stale pointer: reported, and the child goes on.
// REPORT: stale read; access=access
#include "stale.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int status = 0;
    char *stale = make_stale(10);
    pid_t pid = vfork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        signal(SIGTRAP, SIG_DFL);
        _exit(stale[1]); // HERE: access
    }
    waitpid(pid, &status, 0);
    printf("child: %d\n", status);
    return 0;
}
