// SPDX-License-Identifier: MIT
// What the guard knows of each thread: one thread-local struct, in the initial-exec model, because the
// general model calls malloc.
#ifndef RG_FRONT_THREAD_H
#define RG_FRONT_THREAD_H

#include "base/compiler.h"
#include "heap/tcache.h"
#include "stack/capture.h"
#include "trace/stream.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

_Static_assert((int)RG_STACK_ID_BITS <= (int)RG_BLOCK_STACK_BITS,
               "a record has room for a stack's id");

// The large part, in the metadata arena. It outlives its thread: one that has ended hands it on, with
// what is in its cache, to a thread that begins.
struct rg_thread_data {
    // Here, where they are at hand, and not where they come from.
    struct rg_origin origin; // the thread, no stack; see rg_thread_origin
    struct rg_tcache tcache;
    struct rg_capture capture;
    struct rg_trace_stream trace;
    struct rg_thread_data *next; // all of them
    int tid;                     // of the thread it belongs to, or belonged to
    bool exiting;                // the thread's destructors have run
};

enum { RG_STEP_PAGES_MAX = 24 };

// One instruction being executed with the pages under it open.
struct rg_step {
    bool active;
    bool had_trap_flag;  // the program was being single-stepped anyway
    uintptr_t pc;        // of the instruction
    uint64_t saved_mask; // the signals that were blocked before
    unsigned page_count;
    uintptr_t page[RG_STEP_PAGES_MAX];
    // A SIGTRAP that was sent and came in between: to the thread, to the process. si_signo 0: none.
    siginfo_t held[2];
};

// The last stale access reported, so that a loop of them need not be unwound each time.
struct rg_last_access {
    uintptr_t pc, sp, unit;
    unsigned number;
};

// A realloc that failed.
struct rg_failed_call {
    size_t wanted; // 0: it was none
    uint32_t stack;
};

struct rg_thread {
    struct rg_thread_data
        *usual; // `data`, or NULL where an option asks for more than what usual calls do
    struct rg_thread_data *data; // NULL before the first allocation
    uint32_t number_plus_1;      // see rg_thread_number; 0: not given yet
    bool busy;                   // inside the heap: a signal handler must not use `data`
    bool in_fault;               // inside one of our fault handlers: a further fault is our own bug
    struct rg_step step;
    struct rg_last_access last;
    struct rg_failed_call failed; // the last realloc, where it failed
    uint64_t release_ticks;       // when the last realloc to nothing began, for the trace
    bool trying; // the guard itself calls malloc and its kin, to see whose they are: no event
};

extern _Thread_local struct rg_thread rg_thread_self RG_TLS_INITIAL_EXEC;

// Gives the calling thread its data: set-up of the guard included, where this is the first call of all.
// NULL when there is no memory, or the guard stands aside.
struct rg_thread_data *rg_thread_begin(void);

// A stay inside the heap. `data` is NULL when the thread was there already (a signal handler that
// allocates while its thread was interrupted in malloc), or has none.
struct rg_stay {
    struct rg_thread_data *data;
    bool entered;
};

RG_INLINE struct rg_stay rg_thread_enter(void) {
    struct rg_thread *t = &rg_thread_self;
    if (rg_unlikely(t->busy)) {
        return (struct rg_stay){NULL, false};
    }
    t->busy = true;
    atomic_signal_fence(memory_order_seq_cst);
    struct rg_thread_data *data = t->data;
    if (rg_unlikely(!data)) {
        data = rg_thread_begin();
    }
    return (struct rg_stay){data, true};
}

// The usual case by itself, shorter: the thread's data, or NULL where it takes rg_thread_enter.
RG_INLINE struct rg_thread_data *rg_thread_enter_usual(void) {
    struct rg_thread *t = &rg_thread_self;
    struct rg_thread_data *data = t->usual;
    if (rg_unlikely(t->busy || !data)) {
        return NULL;
    }
    t->busy = true;
    atomic_signal_fence(memory_order_seq_cst);
    return data;
}

RG_INLINE void rg_thread_leave_usual(void) {
    atomic_signal_fence(memory_order_seq_cst);
    rg_thread_self.busy = false;
}

RG_INLINE void rg_thread_leave(struct rg_stay stay) {
    atomic_signal_fence(memory_order_seq_cst);
    if (rg_likely(stay.entered)) {
        rg_thread_self.busy = false;
    }
}

RG_INLINE struct rg_tcache *rg_stay_tcache(struct rg_stay stay) {
    return stay.data ? &stay.data->tcache : NULL;
}

// Number of the calling thread: 0 is the first one seen, and each gets one of its own until 65,535,
// which is all the others. Lock-free.
uint16_t rg_thread_number(void);

// The calling thread as an origin, without a stack.
struct rg_origin rg_thread_origin(void);

// Who asks. In one piece: what is stored field by field and then loaded as a whole has to wait for the stores.
RG_INLINE struct rg_origin rg_thread_capture(struct rg_thread_data *data,
                                             const struct rg_caller *caller) {
    _Static_assert(offsetof(struct rg_captured, id) == offsetof(struct rg_origin, stack) &&
                       offsetof(struct rg_captured, site) == 6,
                   "what is captured stands where an origin has it");
    uint64_t captured = rg_capture_stack(&data->capture, *caller).word;
    return (struct rg_origin){.word = data->origin.word | captured};
}

RG_INLINE struct rg_origin rg_thread_origin_of(struct rg_stay stay,
                                               const struct rg_caller *caller) {
    return stay.data ? rg_thread_capture(stay.data, caller) : rg_thread_origin();
}

// Set-up: the key whose destructor marks ended threads. In the constructor.
void rg_thread_init(void);
// In a forked child: only this thread is left, under a new id.
void rg_thread_after_fork(void);

#endif
