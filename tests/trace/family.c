// SPDX-License-Identifier: MIT
// A process, its children by fork, _Fork, a raw system call and vfork, and what one of them executes. Each allocates a size
// of its own a known number of times: so it can be told into whose file it has gone.
#define _GNU_SOURCE
#include "told.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void allocate(size_t size, int count) {
    for (int i = 0; i < count; i++) {
        free(malloc(size));
    }
}

static void wait_for(pid_t child) {
    int status;
    if (waitpid(child, &status, 0) != child || status != 0) {
        abort();
    }
}

static void be_child(const char *name, size_t size) {
    allocate(size, 20000); // more than the parent's chunk would take
    tell("%s %d\n", name, getpid());
    _exit(0);
}

int main(int argc, char **argv) {
    if (argc > 1) {
        allocate(5001, 10);
        tell("executed %d\n", getpid());
        return 0;
    }
    allocate(5000, 1000);
    pid_t child = fork();
    if (child == 0) {
        be_child("fork", 5002);
    }
    wait_for(child);
    child = _Fork();
    if (child == 0) {
        be_child("_Fork", 5003);
    }
    wait_for(child);
    child = (pid_t)syscall(SYS_fork);
    if (child == 0) {
        be_child("SYS_fork", 5004);
    }
    wait_for(child);
    child = vfork();
    if (child == 0) {
        free(malloc(5005)); // in the parent's memory
        execl(argv[0], argv[0], "again", (char *)NULL);
        _exit(1);
    }
    wait_for(child);
    child = fork();
    if (child == 0) {
        _exit(0); // without a call: there is no file for it
    }
    tell("quiet %d\n", child);
    wait_for(child);
    allocate(5000, 1000);
    tell("parent %d\n", getpid());
    execl(argv[0], argv[0], "again", (char *)NULL);
    return 1;
}
