// SPDX-License-Identifier: MIT
// Runs a program many times, several at once, each in a session of its own, with its output in files and
// a limit on its time. Nothing is read from a terminal, and whatever an attempt leaves running is killed. The
// signals must have been taken (failures_signals.h). The environment has the library in LD_PRELOAD already; each
// attempt adds options of its own.
#ifndef RG_TOOLS_FAILURES_RUN_H
#define RG_TOOLS_FAILURES_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What all attempts have in common.
struct rg_job {
    const char *path; // the file to execute
    char **argv;
    const char *input; // standard input, opened anew for each attempt
    double timeout;    // seconds; 0 is none
    uint64_t
        output_limit; // bytes of output, after which an attempt is taken for endless; 0 is none
};

struct rg_verdict;

enum rg_attempt_end { RG_END_ITSELF, RG_END_TIMEOUT, RG_END_OUTPUT };

struct rg_attempt {
    const char *folder; // made when the attempt starts; gets log.PID, stdout, stderr and work
    const char *fails;  // fail_realloc
    bool counts;        // count_realloc: the folder gets census.PID
    // Filled in by the run.
    enum rg_attempt_end end;
    int status; // as of waitpid
    pid_t pid;  // that it had
    double seconds;
    // While it runs.
    pid_t keeper;
    struct rg_verdict *verdict;
    double begun;
};

typedef void (*rg_attempt_fn)(void *arg, struct rg_attempt *attempt);

// Makes the attempts, at most `at_once` at a time, and calls ended for each when it is over. Returns 0; the
// number of the signal that asks to stop and came meanwhile, all attempts are killed then; or
// -errno where one could not be started, of which `ended` has not been called.
int rg_run_all(const struct rg_job *job, struct rg_attempt *attempts, size_t count,
               unsigned at_once, rg_attempt_fn ended, void *arg);

#endif
