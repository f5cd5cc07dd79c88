// SPDX-License-Identifier: MIT
// See top_child.h.
#include "top_child.h"

#include "top_signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// Becomes the program. Returns only where that fails, -errno.
static int become(const char *path, char **argv, const int ends[2]) {
    setsid();
    // Without the view nobody reads what it writes.
    prctl(PR_SET_PDEATHSIG, SIGHUP);
    if (isatty(0)) {
        const int null = open("/dev/null", O_RDONLY);
        if (null < 0 || dup2(null, 0) < 0) {
            return -errno;
        }
        if (null > 0) {
            close(null);
        }
    }
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0 && dup2(ends[i], i + 1) < 0) {
            return -errno;
        }
    }
    rg_top_signals_give_back();
    execv(path, argv);
    return -errno;
}

int rg_top_child_start(struct rg_top_child *c, const char *path, char **argv, const int ends[2]) {
    int failure[2];
    *c = (struct rg_top_child){0};
    if (pipe2(failure, O_CLOEXEC) < 0) {
        return -errno;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        const int error = become(path, argv, ends);
        const ssize_t ignored = write(failure[1], &error, sizeof error);
        (void)ignored;
        _exit(1);
    }
    int error = pid < 0 ? -errno : 0;
    close(failure[1]);
    if (pid > 0 && read(failure[0], &error, sizeof error) == sizeof error) {
        waitpid(pid, NULL, 0);
    }
    close(failure[0]);
    c->pid = error ? 0 : pid;
    return error;
}

void rg_top_child_look(struct rg_top_child *c) {
    if (c->pid && !c->has_ended) {
        c->has_ended = waitpid(c->pid, &c->status, WNOHANG) == c->pid;
    }
}

void rg_top_child_signal(const struct rg_top_child *c, int number) {
    if (c->pid && !c->has_ended) {
        kill(-c->pid, number);
    }
}
