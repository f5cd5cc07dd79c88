// SPDX-License-Identifier: MIT
// See traced.h. No state.
#include "front/traced.h"

#include "front/fault.h"
#include "front/fork.h"
#include "report/luck.h"

// Inline: of an event whose kind is known less than half is left.
RG_INLINE void put(struct rg_stay stay, struct rg_origin origin, const struct rg_trace_event *e) {
    if (rg_likely(stay.data)) {
        rg_trace_put(&stay.data->trace, e);
    } else {
        struct rg_thread_data *interrupted = rg_thread_self.data;
        rg_trace_put_later(interrupted ? &interrupted->trace : NULL, e, origin.thread);
    }
}

bool rg_traced_prepare(struct rg_stay stay, struct rg_origin origin) {
    // A forked child in which the C library calls us before the handlers of fork have run must not write to the parent's
    // file.
    rg_fork_restore_late();
    return stay.data ? rg_trace_begin(&stay.data->trace, origin) : true;
}

void rg_traced_alloc(struct rg_stay stay, struct rg_origin origin, const void *p, size_t size,
                     enum rg_trace_how how) {
    struct rg_trace_event e = {.kind = RG_TRACE_ALLOC,
                               .how = how,
                               .stack = origin.stack,
                               .ticks = rg_trace_ticks(),
                               .address = (uintptr_t)p,
                               .size = size};
    if (rg_likely(p)) {
        put(stay, origin, &e);
    } else {
        e.kind = RG_TRACE_FAILED;
        put(stay, origin, &e);
    }
}

void rg_traced_free(struct rg_stay stay, uint64_t ticks, struct rg_origin origin, const void *p,
                    enum rg_trace_how how) {
    const struct rg_trace_event e = {.kind = RG_TRACE_FREE,
                                     .how = how,
                                     .stack = origin.stack,
                                     .ticks = ticks,
                                     .old = (uintptr_t)p};
    put(stay, origin, &e);
}

static enum rg_trace_event_kind kind_of(const struct rg_resize *how, const void *p,
                                        const void *new_p) {
    if (!new_p) {
        return RG_TRACE_FREE;
    }
    if (new_p == p) {
        return RG_TRACE_RESIZE;
    }
    // What the guard has no room for the C library may have, and the other way round.
    return how->ret_fitted || rg_luck_stays(how->ret_old_size, how->size) ? RG_TRACE_FORCED_MOVE
                                                                          : RG_TRACE_MOVE;
}

void rg_traced_resize(const struct rg_resize *how, const void *p, const void *new_p) {
    const struct rg_stay stay = rg_thread_enter();
    if (rg_traced_begin(stay, how->origin)) {
        const struct rg_trace_event e = {.kind = kind_of(how, p, new_p),
                                         .how = RG_TRACE_BY_REALLOC,
                                         .stack = how->origin.stack,
                                         .ticks = new_p ? rg_trace_ticks()
                                                        : rg_thread_self.release_ticks,
                                         .address = (uintptr_t)new_p,
                                         .size = how->size,
                                         .old = (uintptr_t)p,
                                         .old_size = how->ret_old_size};
        put(stay, how->origin, &e);
    }
    rg_thread_leave(stay);
    rg_traced_say();
}

void rg_traced_failure(const void *p, size_t size, enum rg_trace_how how,
                       const struct rg_caller *caller) {
    if (!rg_trace_is_on()) {
        return;
    }
    const struct rg_stay stay = rg_thread_enter();
    const struct rg_origin origin = rg_thread_origin_of(stay, caller);
    if (rg_traced_begin(stay, origin)) {
        const struct rg_trace_event e = {.kind = RG_TRACE_FAILED,
                                         .how = how,
                                         .stack = origin.stack,
                                         .ticks = rg_trace_ticks(),
                                         .size = size,
                                         .old = (uintptr_t)p};
        put(stay, origin, &e);
    }
    rg_thread_leave(stay);
    rg_traced_say();
}

static void say(void *unused) {
    (void)unused;
    rg_trace_say();
}

void rg_traced_say_now(void) {
    rg_fault_call(say, NULL);
}

void rg_traced_thread_end(struct rg_stay stay) {
    if (rg_trace_is_on() && stay.data) {
        rg_trace_stream_end(&stay.data->trace);
    }
}

void rg_traced_process_end(void) {
    if (rg_trace_is_on()) {
        rg_fork_restore_late();
        const struct rg_stay stay = rg_thread_enter();
        rg_trace_end(stay.data ? &stay.data->trace : NULL);
        rg_thread_leave(stay);
    }
    rg_traced_say();
}
