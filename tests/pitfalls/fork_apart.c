// SPDX-License-Identifier: MIT
// Shared mappings are not copied at fork; the heap must be. The way of forking is the argument. What the
// child writes the parent does not see, nor the other way round, and old addresses are closed in both.
// REPORT: stale read; access=read; now=live
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile pid_t forked;

static void fork_in_handler(int signal) {
    (void)signal;
    forked = fork();
}

static pid_t fork_by(const char *way) {
    if (strcmp(way, "handler") == 0) {
        signal(SIGUSR1, fork_in_handler);
        raise(SIGUSR1);
        return forked;
    }
    if (strcmp(way, "_Fork") == 0) {
        return _Fork();
    }
    if (strcmp(way, "SYS_fork") == 0) {
        return (pid_t)syscall(SYS_fork);
    }
    if (strcmp(way, "SYS_clone") == 0) {
        return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    }
    return fork();
}

static void use(char *volatile old) {
    volatile char byte = *old; // HERE: read
}

int main(int argc, char **argv) {
    int written[2], done[2];
    char token;
    char *block = strdup("parent");
    char *large = malloc(100000);
    char *old = make_stale(40);
    if (pipe(written) || pipe(done)) {
        return 1;
    }
    strcpy(large + 90000, "parent");
    pid_t child = fork_by(argv[1]);
    if (child == 0) {
        strcpy(block, "child");
        strcpy(large + 90000, "child");
        if (write(written[1], "", 1) != 1 || read(done[0], &token, 1) != 1) {
            _exit(1);
        }
        use(old);
        int wrong = strcmp(block, "child") || strcmp(large + 90000, "child");
        _exit(wrong ? 2 : 3);
    }
    if (read(written[0], &token, 1) != 1) {
        return 1;
    }
    printf("in the parent: %s %s\n", block, large + 90000);
    strcpy(block, "later");
    strcpy(large + 90000, "later");
    if (write(done[1], "", 1) != 1) {
        return 1;
    }
    int status;
    waitpid(child, &status, 0);
    // _exit may have been given another status by the guard, as the child had a report.
    printf("the child saw its own: %d\n", WEXITSTATUS(status) == 3 || WEXITSTATUS(status) == 86);
    use(old);
    return 0;
}
