// SPDX-License-Identifier: MIT
// The programs that the view can show: those whose traces are in a folder, or a single one. Only those that were shown
// are followed.
#ifndef RG_TOOLS_TOP_GROUP_H
#define RG_TOOLS_TOP_GROUP_H

#include "top_sites.h"

#include <stdbool.h>
#include <sys/types.h>

struct rg_top_member {
    char *path; // of the trace
    char *program, *command;
    pid_t pid, parent; // parent: it was forked from; 0: it was not
    unsigned turn;     // of the programs that the process has executed, from 1
    bool is_replaced;  // the process has executed another program
    bool has_ended;    // that, or the process has ended
    bool is_open;
    struct rg_top_process process; // once it is open
    struct rg_top_sites sites;
};

struct rg_top_group {
    const char *folder; // not owned; NULL: there is but one
    struct rg_top_member **members;
    size_t count;
    struct rg_number_map known;     // of these, by the numbers in their names
    struct rg_top_member *shown;    // NULL: there is none yet
    bool is_chosen;                 // that was the user's wish
    char message[RG_TRACE_MESSAGE]; // why the last one could not be opened, or empty
};

// Looks for traces that are new, and for processes that have ended. Shows what the process `first` is executing, unless the
// user has chosen. `ended` is known to have ended, or 0.
void rg_top_group_look(struct rg_top_group *g, pid_t first, pid_t ended);

// Adds the one trace there is. Returns false with a message where it cannot be read.
bool rg_top_group_add(struct rg_top_group *g, const char *path);

// Shows another one, which the user has chosen. Returns false, with a message, where its trace cannot be read.
bool rg_top_group_show(struct rg_top_group *g, struct rg_top_member *m);

// Follows what is shown, and adds its sites up.
void rg_top_group_follow(struct rg_top_group *g, uint64_t ticks, uint64_t deadline,
                         enum rg_top_sort by);

void rg_top_group_close(struct rg_top_group *g);

#endif
