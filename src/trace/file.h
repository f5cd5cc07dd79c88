// SPDX-License-Identifier: MIT
// The file of a trace: its name, how it grows, and how pieces of it come into memory. No descriptor is kept, since a
// program may close all that it does not know, or count them. All but the first with the TRACE lock held. errno untouched.
#ifndef RG_TRACE_FILE_H
#define RG_TRACE_FILE_H

#include <stdbool.h>
#include <stddef.h>

// Works the option `trace` out, with the environment and the program's first working folder at hand. False: no trace is
// wanted, or none can be had by that name, which has been said.
bool rg_trace_file_init(void);

// What was in the way.
struct rg_trace_trouble {
    const char *what; // a phrase
    int error;        // an errno, or 0
};

// Makes the file, under a name that no file has, with room for the header. False: *ret says why.
bool rg_trace_file_create(struct rg_trace_trouble *ret);

// Writes the header, which is RG_TRACE_PAGE bytes.
bool rg_trace_file_write_header(const void *header, struct rg_trace_trouble *ret);

// Makes the file longer by `bytes`, a multiple of a page, for which the disk has room for certain afterwards, and maps
// that: zero-filled. NULL: *ret says why.
void *rg_trace_file_extend(size_t bytes, struct rg_trace_trouble *ret);

// The name, for messages.
const char *rg_trace_file_name(void);

// In a forked child: a file of its own, which is not made yet.
void rg_trace_file_after_fork(void);

#endif
