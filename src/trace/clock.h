// SPDX-License-Identifier: MIT
// The clocks of a trace. Async-signal-safe.
#ifndef RG_TRACE_CLOCK_H
#define RG_TRACE_CLOCK_H

#include "base/compiler.h"
#include "base/sys.h"
#include "trace/format.h"

#include <time.h>

// The processor may read the counter before earlier instructions are done, but not after later ones have been seen by
// others: a stamp is never too late. What one thread frees and another gets goes through a lock with system calls on
// both sides, beside which that is nothing.
RG_INLINE uint64_t rg_trace_ticks(void) {
    return __builtin_ia32_rdtsc();
}

static inline uint64_t rg_trace_ns(int clock) {
    struct timespec t = {0};
    rg_sys2(SYS_clock_gettime, clock, (long)&t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static inline struct rg_trace_clock rg_trace_now(void) {
    const uint64_t before = rg_trace_ticks();
    const uint64_t ns = rg_trace_ns(CLOCK_MONOTONIC);
    return (struct rg_trace_clock){before + (rg_trace_ticks() - before) / 2, ns};
}

#endif
