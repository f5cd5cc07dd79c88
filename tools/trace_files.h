// SPDX-License-Identifier: MIT
// The traces that a command is given: files, and folders of them, as a program of several processes writes. For one thread.
#ifndef RG_TOOLS_TRACE_FILES_H
#define RG_TOOLS_TRACE_FILES_H

#include <stddef.h>

struct rg_trace_files {
    char **paths; // each to be freed
    size_t count;
    size_t empty; // folders that hold no trace, or cannot be read, which was said
};

// Takes a file as it is, and of a folder the traces that lie in it, in the order of their names and numbers.
// command: what says on standard error that there is none.
void rg_trace_files_add(struct rg_trace_files *f, const char *command, const char *path);
void rg_trace_files_done(struct rg_trace_files *f);

#endif
