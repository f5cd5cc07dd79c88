// SPDX-License-Identifier: MIT
// The command line of `realloc-guard failures`.
#ifndef RG_TOOLS_CMD_FAILURES_REQUEST_H
#define RG_TOOLS_CMD_FAILURES_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rg_request {
    char **program; // argv of the program; NULL where --help was all
    char **options; // words that are options of the guard
    size_t option_count;
    const char *library; // NULL: the one beside the executable
    const char *only;    // NULL: every site
    const char *state;   // the state file
    const char *keep;    // where the logs stay, or NULL
    const char *input;   // standard input of the program
    uint64_t first;      // how many of the first calls fail
    unsigned depth;      // frames of a site
    unsigned jobs;       // runs at a time
    double timeout;      // seconds; 0 is what the first run suggests
    bool lists;          // only the census
    bool resumes, restarts;
};

// Takes argv apart, and adds the options of the guard to the environment. Returns an exit status, and has
// printed why it is not 0.
int rg_request_parse(char **argv, struct rg_request *ret_request);

#endif
