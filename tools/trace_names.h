// SPDX-License-Identifier: MIT
// Functions and source lines of the frames of a trace. What was looked up is kept. For one thread.
#ifndef RG_TOOLS_TRACE_NAMES_H
#define RG_TOOLS_TRACE_NAMES_H

#include "trace_reader.h"

struct rg_trace_names;

// One function; a frame of a trace is several where functions are inlined.
struct rg_trace_name {
    const char *function; // or "module+0xoffset" where it has no known name; never NULL
    const char *file;     // NULL: unknown
    unsigned line;
    const char *module; // name of the module's file without its folder; "" if there is none
    bool is_inlined;    // into the one that follows
    // The person's own code: of the program, or of a library outside of the system's folders; not of the C or C++ library,
    // nor of the guard.
    bool is_own;
};

struct rg_trace_frame_names {
    const struct rg_trace_name *names; // innermost first
    size_t count;                      // at least 1
};

// NULL: memory is short.
struct rg_trace_names *rg_trace_names_open(const struct rg_trace_reader *r);
void rg_trace_names_close(struct rg_trace_names *n);

// Valid until it is closed.
struct rg_trace_frame_names rg_trace_names_of(struct rg_trace_names *n,
                                              struct rg_trace_frame frame);

// What a site is called by: the innermost function of the stack that is the person's own and does not just wrap an
// allocator (as xrealloc); or else the innermost own one, or that of a library, or the innermost one of all.
// NULL: the stack is empty.
const struct rg_trace_name *rg_trace_names_site(struct rg_trace_names *n, uint32_t stack);

#endif
