// SPDX-License-Identifier: MIT
// Reads a trace file (trace/format.h): its events, of all threads in the order of time, and what they refer to. Memory
// grows with the number of chunks, distinct stacks and modules, not with events. For one thread. What is damaged is left
// out, counted, and never more than the rest of its chunk.
#ifndef RG_TOOLS_TRACE_READER_H
#define RG_TOOLS_TRACE_READER_H

#include "trace/event.h"
#include "trace/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rg_trace_reader;

struct rg_trace_info {
    uint32_t pid, parent_pid;
    uint32_t frames_most; // of a stack
    uint64_t realtime_ns; // when it began
    uint64_t duration_ns; // from there to the last moment known
    const char *program;  // path
    const char *command;  // its arguments, with spaces in between and quoted where a shell needs it
    bool has_ended;       // by exit; false: it was killed, has crashed, or still runs
    uint64_t file_bytes;
    uint64_t damaged_chunks;  // known once all has been read
    uint32_t thread_count;    // that had events
    const char *const *notes; // what the library says of the trace itself
    size_t note_count;
};

struct rg_trace_frame {
    uint32_t module;  // 0: none
    uint64_t address; // in the module's file, or in memory where there is none
};

struct rg_trace_stack {
    const struct rg_trace_frame *frames; // innermost first
    size_t count;                        // 0: there was no stack, or it is not in the file
};

struct rg_trace_module {
    const char *path;
    const char *build_id; // lower-case hex, or "-"
    uint64_t start, end, bias;
};

enum {
    RG_TRACE_MESSAGE = 1024,
    // Higher ids of stacks are damage.
    RG_TRACE_STACK_HIGHEST = (1 << 24) - 1,
};

// Returns NULL where this is no trace that can be read, with a line that says why and what to do in ret_message.
struct rg_trace_reader *rg_trace_reader_open(const char *path, char ret_message[RG_TRACE_MESSAGE]);
void rg_trace_reader_close(struct rg_trace_reader *r);

// The next event; its stack is a number that the reader gives, for the functions below, 0 where the file does not have it.
// False: there is none (yet).
bool rg_trace_reader_next(struct rg_trace_reader *r, struct rg_trace_event *ret,
                          uint32_t *ret_thread);

// Begins again with the first event.
void rg_trace_reader_rewind(struct rg_trace_reader *r);

// The file grows: looks for what has been added since, and lets rg_trace_reader_next go on up to that moment. ticks: a
// little before now, so that all events of before have been written.
void rg_trace_reader_follow(struct rg_trace_reader *r, uint64_t ticks);

// Nanoseconds since the start.
uint64_t rg_trace_reader_ns(const struct rg_trace_reader *r, uint64_t ticks);

// Bytes of the file that have been gone through since it was opened or begun again, for telling progress.
uint64_t rg_trace_reader_position(const struct rg_trace_reader *r);

const struct rg_trace_info *rg_trace_reader_info(const struct rg_trace_reader *r);
struct rg_trace_stack rg_trace_reader_stack(const struct rg_trace_reader *r, uint32_t id);
uint32_t rg_trace_reader_last_stack(const struct rg_trace_reader *r); // the highest number there is
const struct rg_trace_module *rg_trace_reader_module(const struct rg_trace_reader *r,
                                                     uint32_t index); // or NULL
const char *rg_trace_reader_thread_name(const struct rg_trace_reader *r,
                                        uint32_t thread); // "" if unknown

#endif
