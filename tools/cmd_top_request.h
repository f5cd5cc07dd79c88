// SPDX-License-Identifier: MIT
// The command line of `realloc-guard top`.
#ifndef RG_TOOLS_CMD_TOP_REQUEST_H
#define RG_TOOLS_CMD_TOP_REQUEST_H

#include "top_sites.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct rg_top_request {
    char **program;      // argv of the program; NULL: a process is looked at, or --help was all
    pid_t pid;           // that process; 0: none
    const char *library; // NULL: the one beside the executable
    const char *keep;    // where the traces stay, or NULL
    const char *filter;  // or NULL
    enum rg_top_sort sort;
    bool is_batch;
    double interval; // seconds
    uint64_t frames; // of a batch; 0: until the end
    uint64_t rows;   // of a batch
};

// Takes argv apart, and adds the options of the guard to the environment. Returns an exit status, and has printed why it
// is not 0.
int rg_top_request_parse(char **argv, struct rg_top_request *ret_request);

#endif
