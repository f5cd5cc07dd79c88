// SPDX-License-Identifier: MIT
// The parts of `realloc-guard failures`: what belongs to one call of it, and its first steps. Functions that
// return an exit status have printed why it is not 0.
#ifndef RG_TOOLS_CMD_FAILURES_H
#define RG_TOOLS_CMD_FAILURES_H

#include "cmd_failures_request.h"
#include "failures_folder.h"
#include "failures_progress.h"
#include "failures_run.h"
#include "failures_state.h"
#include "failures_table.h"
#include "target_check.h"

#include <stdbool.h>
#include <stddef.h>

// Everything about one call of the tool.
struct rg_failures {
    struct rg_request request;
    struct rg_target target;
    struct rg_job job;
    struct rg_folder folder;
    struct rg_state state;
    struct rg_site *sites;
    size_t site_count; // those asked for
    size_t site_total;
    struct rg_case *cases;
    size_t case_count;
    struct rg_case **pending; // those to be run, in the order of `attempts`
    struct rg_attempt *attempts;
    size_t pending_count;
    struct rg_progress progress;
    bool counts_children_only;   // the program itself left no census
    int state_error, read_error; // the first -errno of each
    int signal;                  // that stopped it
};

// Opens the state file, and reads what is there when it is resumed. Returns an exit status.
int rg_failures_open_state(struct rg_failures *f);

// Has the first run and its census in the state: from the file, or by running the program as it is.
// Returns an exit status, or 0 with f->signal.
int rg_failures_learn(struct rg_failures *f);

#endif
