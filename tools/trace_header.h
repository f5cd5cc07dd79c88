// SPDX-License-Identifier: MIT
// The first page of a trace file: whether it is a trace at all, and of which process.
#ifndef RG_TOOLS_TRACE_HEADER_H
#define RG_TOOLS_TRACE_HEADER_H

#include "trace_reader.h"

struct rg_trace_header_text {
    uint32_t pid, parent_pid, frames_most;
    uint64_t realtime_ns;
    struct rg_trace_clock start;
    char *program, *command; // to be freed by rg_trace_header_done
};

// Opens the file. Returns its descriptor; -1: it is no trace that can be read, with a line in ret_message.
int rg_trace_header_open(const char *path, struct rg_trace_header_text *ret,
                         char ret_message[RG_TRACE_MESSAGE]);
void rg_trace_header_done(struct rg_trace_header_text *h);

#endif
