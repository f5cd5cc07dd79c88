// SPDX-License-Identifier: MIT
// The events of a trace, as each thread writes them: into a chunk of its own, without a lock or a system call, but for one
// in thousands. An event takes two calls: rg_trace_is_ready, and rg_trace_begin where it is not, before the heap's
// operation, which see to all that may fail or has to wait, and rg_trace_put after it, which only stores. All is safe in signal handlers: a stream is used by its
// own thread while that is marked busy; what comes meanwhile waits there, or goes into a common one, under the TRACE lock, in
// which signals are blocked. errno untouched.
#ifndef RG_TRACE_STREAM_H
#define RG_TRACE_STREAM_H

#include "base/compiler.h"
#include "heap/block.h"
#include "trace/books.h"
#include "trace/chunk.h"
#include "trace/clock.h"
#include "trace/event.h"

#include <stdatomic.h>
#include <stdbool.h>

// Whether this process is traced: set at the start, cleared for good when the trace stops.
extern _Atomic bool rg_trace_on;
RG_INLINE bool rg_trace_is_on(void) {
    return atomic_load_explicit(&rg_trace_on, memory_order_relaxed);
}

enum { RG_TRACE_WAITING_MOST = 1024 }; // most of that memory is never touched

// A thread's; zero-filled is new.
struct rg_trace_stream {
    unsigned char *at; // where the next event begins
    unsigned char
        *limit; // no event begins from here on; NULL: what is there must be looked at first
    struct rg_trace_state state;
    _Atomic uint32_t waiting_count;
    uint32_t thread, tid; // whose it is
    struct rg_trace_piece piece;
    char name[16]; // which the trace knows it by
    // Events of signal handlers that have interrupted the thread in the heap, until it is done there.
    struct rg_trace_event waiting[RG_TRACE_WAITING_MOST];
};

// Whether an event of that stack can be written as it is.
RG_INLINE bool rg_trace_is_ready(const struct rg_trace_stream *s, uint32_t stack) {
    return rg_likely(s->at < s->limit && rg_trace_knows_stack(stack));
}

// Sees to it that an event of that thread and stack can be written. False: the trace has stopped.
RG_COLD bool rg_trace_begin(struct rg_trace_stream *s, struct rg_origin origin);

// Stores the event, which there is room for: but where a signal handler has forked in between, this is the child, and its
// stream a new one.
RG_INLINE void rg_trace_store(struct rg_trace_stream *s, const struct rg_trace_event *e) {
    unsigned char first, *at = s->at;
    if (rg_likely(at < s->limit)) {
        unsigned char *next = rg_trace_put_event(at, &s->state, e, &first);
        rg_trace_publish(at, first);
        s->at = next;
    }
}

// Writes the event among those that wait.
RG_COLD void rg_trace_put_among_waiting(struct rg_trace_stream *s, const struct rg_trace_event *e);

// Writes the event, after rg_trace_is_ready or rg_trace_begin.
RG_INLINE void rg_trace_put(struct rg_trace_stream *s, const struct rg_trace_event *e) {
    if (rg_unlikely(atomic_load_explicit(&s->waiting_count, memory_order_relaxed) > 0)) {
        rg_trace_put_among_waiting(s, e);
    } else {
        rg_trace_store(s, e);
    }
}

// Writes an event of a signal handler that has interrupted its thread in the heap, without a stack. s: the thread's,
// which is in use. Where too many wait, and without s (the thread has none, for want of memory), it goes into a stream
// that such threads have in common.
RG_COLD void rg_trace_put_later(struct rg_trace_stream *s, const struct rg_trace_event *e,
                                uint32_t thread);

// The thread ends; its stream is for the next one, which goes on in what is left of its chunk.
void rg_trace_stream_end(struct rg_trace_stream *s);

// Works the options out. In the first step of the set-up, after the report's.
void rg_trace_init(void);

// The process ends, by exit or a return from main. Once; later calls do nothing. s: the calling thread's, or NULL.
void rg_trace_end(struct rg_trace_stream *s);

// Reports once what has stopped the trace. Takes the REPORT lock.
extern _Atomic bool rg_trace_has_to_say;
void rg_trace_say(void);

// In a forked child: its events go into a file of its own, which the first of them makes. Each stream is to be forgotten, the
// forking thread's with is_in_use where a signal handler has interrupted it in the heap to fork.
void rg_trace_after_fork(void);
void rg_trace_stream_forget(struct rg_trace_stream *s, bool is_in_use);

#endif
