// SPDX-License-Identifier: MIT
// The trace file, version 1: what the library writes and realloc-guard reads. One file a process, little-endian.
//
//   header    4096 bytes: struct rg_trace_header, then texts
//   chunks    one after the other, each a multiple of 4096 bytes, struct rg_trace_chunk first. An EVENTS chunk
//             belongs to one thread and holds its events (event.h) in order; a META chunk holds records of what
//             events refer to: modules, stacks, threads.
//   end       the end of the file, or a page whose first four bytes are zero: space that was not yet used
//
// The file is written through a shared mapping, so it is complete up to the moment in which the process ends, however
// it ends. What is not written yet is zero. The first byte of an event or record is written last and never is zero: a
// zero there ends the chunk, and what is behind it has no meaning.
//
// Time is in ticks of the processor's time stamp counter; pairs of ticks and CLOCK_MONOTONIC in the header, in each chunk
// and in CLOCK and END records give the scale.
#ifndef RG_TRACE_FORMAT_H
#define RG_TRACE_FORMAT_H

#include <stdint.h>

#define RG_TRACE_MAGIC "RGTRACE"

enum {
    RG_TRACE_VERSION = 1,
    RG_TRACE_PAGE = 4096, // the header's size, and what chunks are a multiple of
    // Of a chunk, header included.
    RG_TRACE_CHUNK_LEAST = RG_TRACE_PAGE,
    RG_TRACE_CHUNK_MOST = 1 << 24,
};

// A moment by both clocks.
struct rg_trace_clock {
    uint64_t ticks; // of the time stamp counter
    uint64_t ns;    // CLOCK_MONOTONIC
};

struct rg_trace_header {
    char magic[8]; // RG_TRACE_MAGIC, with its zero byte
    uint32_t version;
    uint32_t pid;
    uint32_t parent_pid;  // of the process it was forked from without exec; 0: it is none
    uint32_t frames_most; // of a stack: malloc_context_size
    struct rg_trace_clock start;
    uint64_t realtime_ns; // CLOCK_REALTIME at the start
    uint32_t path_bytes;  // of the program's path, behind this struct, without a zero byte
    uint32_t
        command_bytes; // of its arguments behind that, each ended by a zero byte; they may be cut
};

enum rg_trace_chunk_kind { RG_TRACE_META = 1, RG_TRACE_EVENTS = 2 };

#define RG_TRACE_CHUNK_MAGIC 0x4b484352U // "RCHK"

struct rg_trace_chunk {
    uint32_t magic;
    uint32_t kind;
    uint32_t bytes; // of the chunk, this header included
    uint32_t
        thread;   // EVENTS: its number in the trace, 0 is the first; the number a report gives it
    uint32_t tid; // EVENTS: of the thread
    uint32_t zero;
    struct rg_trace_clock start; // the first event's delta counts from these ticks
};

// Records of a META chunk: a byte with the type, a varint with the length of what follows, and that many bytes. A record of
// an unknown type is skipped. Numbers are varints (event.h) unless another size is given.
enum rg_trace_record {
    // index (from 1), start, end and bias (where it was mapped; bias: address in memory minus address in the file),
    // length and bytes of the build-id, length and bytes of the path.
    RG_TRACE_MODULE = 1,
    // id (from 1), count, and for each frame, innermost first: the index of its module, 0 for none, and the address: in
    // the module's file, or in memory where there is no module. It is that of the call, not the one it returns to.
    RG_TRACE_STACK = 2,
    // ticks, ns.
    RG_TRACE_CLOCK = 3,
    // ticks, ns: the process has ended by exit or return from main. Tracing may go on behind it: in what runs later.
    RG_TRACE_END = 4,
    // number, tid, length and bytes of the name.
    RG_TRACE_THREAD = 5,
    // length and bytes of a sentence about the trace itself, as that it stops here since the disk is full.
    RG_TRACE_NOTE = 6,
};

#endif
