// SPDX-License-Identifier: MIT
// The META chunks of a trace, and the header in front of all: what events refer to. All with the TRACE lock held. What
// returns false or NULL has not been written: the trace must stop, and *ret says why.
#ifndef RG_TRACE_META_H
#define RG_TRACE_META_H

#include "trace/file.h"
#include "trace/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Makes the file, its header and its first chunk. parent_pid: as in the header.
bool rg_trace_meta_open(uint32_t parent_pid, struct rg_trace_trouble *ret);
bool rg_trace_meta_is_open(void);

// A record: begin, append, write. Its contents may have RG_TRACE_RECORD_MOST bytes, which the callers see to.
enum { RG_TRACE_RECORD_MOST = 2048 };
void rg_trace_record_begin(void);
void rg_trace_record_number(uint64_t n);
void rg_trace_record_bytes(const void *data, size_t len); // preceded by their number
bool rg_trace_record_write(enum rg_trace_record type, struct rg_trace_trouble *ret);

// CLOCK, or END.
bool rg_trace_meta_clock(enum rg_trace_record type, struct rg_trace_trouble *ret);
// NOTE, if there is room: it needs no more of the disk.
void rg_trace_meta_note(const char *sentence);

void rg_trace_meta_after_fork(void);

#endif
