// SPDX-License-Identifier: MIT
// Finds the trace that a running process writes.
#ifndef RG_TOOLS_TOP_ATTACH_H
#define RG_TOOLS_TOP_ATTACH_H

#include <sys/types.h>

// The path of the trace, to be freed; NULL: there is none, with a line that says why and what to do in *ret_why, to be freed.
char *rg_top_attach_find(pid_t pid, char **ret_why);

#endif
