// SPDX-License-Identifier: MIT
// The keeper of a run: a process between the tool and the program, whose children all descendants of the program
// become when they are orphaned, in whatever session they are. So none of them outlives the run, nor the tool,
// even where that is killed.
#ifndef RG_TOOLS_FAILURES_KEEPER_H
#define RG_TOOLS_FAILURES_KEEPER_H

#include "failures_run.h"

// What the keeper tells the tool, in memory that they share.
struct rg_verdict {
    int failure;  // -errno: the program could not be started
    pid_t pid;    // of the program
    bool is_over; // it ended by itself
    int status;   // as of waitpid; once it is over
    double seconds;
    bool is_used; // of the tool
};

// Starts the program by way of a keeper. Returns the keeper's process id, or -errno. It ends when the program and all
// that it started have ended, and on SIGTERM it makes them.
pid_t rg_keeper_start(const struct rg_job *job, const struct rg_attempt *a, struct rg_verdict *v);

// Seconds since some time.
double rg_keeper_clock(void);

#endif
