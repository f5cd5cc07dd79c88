// SPDX-License-Identifier: MIT
// What the malloc family tells the trace (option trace). A stay in the heap with an event in it: rg_traced_begin, the
// heap's operation, and one of the others. Where there is no trace each is a look at one flag. errno untouched.
#ifndef RG_FRONT_TRACED_H
#define RG_FRONT_TRACED_H

#include "front/thread.h"
#include "heap/heap.h"

#include <stddef.h>

// rg_trace_begin, for a stay whose stream is not ready, or that has none.
RG_COLD bool rg_traced_prepare(struct rg_stay stay, struct rg_origin origin);

// Whether an event is to follow.
RG_INLINE bool rg_traced_begin(struct rg_stay stay, struct rg_origin origin) {
    return rg_likely(rg_trace_is_on() && !rg_thread_self.trying) &&
           ((rg_likely(stay.data) && rg_trace_is_ready(&stay.data->trace, origin.stack)) ||
            rg_traced_prepare(stay, origin));
}

// p: the new block, or NULL where there was no memory.
void rg_traced_alloc(struct rg_stay stay, struct rg_origin origin, const void *p, size_t size,
                     enum rg_trace_how how);
// ticks: from before the operation.
void rg_traced_free(struct rg_stay stay, uint64_t ticks, struct rg_origin origin, const void *p,
                    enum rg_trace_how how);

// Outside of a stay: a realloc of the block at p that has succeeded; a call that has failed for want of memory, with the
// block that stays, if any.
void rg_traced_resize(const struct rg_resize *how, const void *p, const void *new_p);
void rg_traced_failure(const void *p, size_t size, enum rg_trace_how how,
                       const struct rg_caller *caller);

// Outside of a stay: says why the trace has stopped, if it has since the last call.
RG_COLD void rg_traced_say_now(void);
RG_INLINE void rg_traced_say(void) {
    if (rg_unlikely(atomic_load_explicit(&rg_trace_has_to_say, memory_order_relaxed))) {
        rg_traced_say_now();
    }
}

// The thread of this stay ends. The process does.
void rg_traced_thread_end(struct rg_stay stay);
void rg_traced_process_end(void);

#endif
