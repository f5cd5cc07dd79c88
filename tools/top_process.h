// SPDX-License-Identifier: MIT
// A traced process as the view knows it: its trace, followed while it grows, and what that adds up to. For one thread.
#ifndef RG_TOOLS_TOP_PROCESS_H
#define RG_TOOLS_TOP_PROCESS_H

#include "top_history.h"
#include "trace_names.h"

#include <stdbool.h>
#include <sys/types.h>

struct rg_top_process {
    char *path; // of the trace
    struct rg_trace_reader *reader;
    struct rg_trace_model *model;
    struct rg_trace_names *names; // NULL until rg_top_process_names
    struct rg_top_history history;
    uint64_t now_ns;  // how far the trace was followed
    uint64_t last_ns; // of the last event
    bool is_behind;   // there are events of before that it had no time for
    bool has_ended;   // the process; nothing is added any more once it is not behind either
};

// How fast the time stamp counter goes. Zero-filled at first.
struct rg_top_clock {
    uint64_t ticks, ns; // of the first call
};

// What the counter said 10 ms ago: events of before then have been written. 0 in the first 10 ms.
uint64_t rg_top_clock_ticks(struct rg_top_clock *c);

// Nanoseconds of CLOCK_MONOTONIC.
uint64_t rg_top_now(void);

// Returns whether the trace can be read, else with a line in ret_message.
bool rg_top_process_open(struct rg_top_process *p, const char *path,
                         char ret_message[RG_TRACE_MESSAGE]);
void rg_top_process_close(struct rg_top_process *p);

// Takes in what the process has done up to these ticks, as far as that goes until the time `deadline` (rg_top_now).
void rg_top_process_follow(struct rg_top_process *p, uint64_t ticks, uint64_t deadline);

// Looks names up from the first call on; NULL: memory is short.
struct rg_trace_names *rg_top_process_names(struct rg_top_process *p);

// Over the last second, or the whole run where that has ended or is shorter: what rates are told of.
struct rg_top_span {
    const struct rg_top_sample *from; // NULL: the start, at which all is zero
    double seconds;                   // over 0
};
struct rg_top_span rg_top_process_span(const struct rg_top_process *p);

// Whether it is still there and no zombie.
bool rg_top_is_alive(pid_t pid);

#endif
