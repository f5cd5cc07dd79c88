// SPDX-License-Identifier: MIT
// The program that `realloc-guard top` starts: in a session of its own, since the terminal's keys are the view's.
#ifndef RG_TOOLS_TOP_CHILD_H
#define RG_TOOLS_TOP_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct rg_top_child {
    pid_t pid; // 0: there is none
    bool has_ended;
    int status; // as of waitpid
};

// Starts it with these in the place of standard output and standard error where they are not -1, and nothing to read
// where its standard input would be a terminal. Returns 0 or -errno, also of execve.
int rg_top_child_start(struct rg_top_child *c, const char *path, char **argv, const int ends[2]);

// Looks whether it has ended.
void rg_top_child_look(struct rg_top_child *c);

// Sends the signal to it and all in its session's first process group, if it runs.
void rg_top_child_signal(const struct rg_top_child *c, int number);

#endif
