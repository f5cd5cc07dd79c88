// SPDX-License-Identifier: MIT
// See stream.h. State: whether the trace is on, atomic; the common stream, and why the trace has stopped, under the TRACE
// lock. Under that lock the file grows and META records are written: chunks come into the file in the order in
// which they are begun, each with its head before the next, and a stack's record is complete before any event
// names it. All else that is written is in the chunk of one thread.
#include "trace/stream.h"

#include "base/fmt.h"
#include "base/lock.h"
#include "base/sys.h"
#include "base/vmem.h"
#include "report/report.h"
#include "trace/meta.h"

#include <linux/prctl.h>
#include <stddef.h>
#include <string.h>

_Atomic bool rg_trace_on;
_Atomic bool rg_trace_has_to_say;

static struct rg_trace_stream common;
static struct rg_trace_trouble trouble;
static bool was_open; // when it stopped
static bool has_ended;
static uint32_t own_pid, parent_pid;

void rg_trace_init(void) {
    if (rg_trace_file_init() && rg_trace_books_init()) {
        own_pid = (uint32_t)rg_getpid();
        atomic_store(&rg_trace_on, true);
    }
}

// For good. `trouble` says why.
static void stop(void) {
    static char sentence[300]; // not on the stack, which may be small
    struct rg_buf b;
    was_open = rg_trace_meta_is_open();
    rg_buf_init(&b, sentence, sizeof sentence);
    rg_buf_fmt(&b, "the trace stops here: %s", trouble.what);
    if (trouble.error) {
        rg_buf_fmt(&b, " (%s)", strerrordesc_np(trouble.error));
    }
    rg_trace_meta_note(sentence);
    atomic_store(&rg_trace_on, false);
    atomic_store(&rg_trace_has_to_say, true);
}

void rg_trace_say(void) {
    if (!atomic_exchange(&rg_trace_has_to_say, false)) {
        return;
    }
    const char *error = trouble.error ? strerrordesc_np(trouble.error) : NULL;
    rg_report_say("%s: %s: %s%s%s%s", was_open ? "trace stops" : "the program runs untraced",
                  rg_trace_file_name(), trouble.what, error ? " (" : "", error ? error : "",
                  error ? ")" : "");
}

// The name that the thread has by now, if it is new.
static bool write_thread(struct rg_trace_stream *s) {
    char name[sizeof s->name] = "";
    if (!rg_may_open()) {
        return true; // nor ask, in a sandbox
    }
    rg_sys2(SYS_prctl, PR_GET_NAME, (long)name);
    if (s->name[0] && memcmp(s->name, name, sizeof name) == 0) {
        return true;
    }
    memcpy(s->name, name, sizeof name);
    rg_trace_record_begin();
    rg_trace_record_number(((const struct rg_trace_chunk *)s->piece.base)->thread);
    rg_trace_record_number(s->tid);
    rg_trace_record_bytes(name, strnlen(name, sizeof name));
    return rg_trace_record_write(RG_TRACE_THREAD, &trouble);
}

static void start(struct rg_trace_stream *s, unsigned char *at, struct rg_trace_clock clock) {
    s->state = (struct rg_trace_state){.ticks = clock.ticks};
    s->at = at;
    s->limit = s->piece.base + s->piece.bytes - RG_TRACE_EVENT_MOST;
}

// A chunk for events of that thread.
static bool have_chunk(struct rg_trace_stream *s, uint32_t thread) {
    const uint32_t tid = (uint32_t)rg_gettid();
    const bool is_others = s->piece.base && s->tid != tid;
    if (s->at < s->limit && !is_others) {
        return true;
    }
    const struct rg_trace_clock now = rg_trace_now();
    const struct rg_trace_chunk head = {
        .kind = RG_TRACE_EVENTS, .thread = thread, .tid = tid, .start = now};
    unsigned char *at = is_others ? rg_trace_chunk_cut(&s->piece, s->at, head) : NULL;
    if (!at) {
        at = rg_trace_chunk_next(&s->piece, head, &trouble);
    }
    if (!at) {
        return false;
    }
    if (is_others) {
        s->name[0] = 0;
    }
    s->thread = thread;
    s->tid = tid;
    start(s, at, now);
    return write_thread(s);
}

static bool begin(struct rg_trace_stream *s, struct rg_origin origin) {
    if (!atomic_load(&rg_trace_on)) {
        return false;
    }
    if ((rg_trace_meta_is_open() || rg_trace_meta_open(parent_pid, &trouble)) &&
        have_chunk(s, origin.thread) && rg_trace_write_stack(origin.stack, &trouble)) {
        return true;
    }
    stop();
    return false;
}

bool rg_trace_begin(struct rg_trace_stream *s, struct rg_origin origin) {
    rg_lock(RG_LOCK_TRACE);
    const bool done = begin(s, origin);
    rg_unlock(RG_LOCK_TRACE);
    return done;
}

static uint32_t count_waiting(const struct rg_trace_stream *s) {
    const uint32_t count = atomic_load(&s->waiting_count);
    return count < RG_TRACE_WAITING_MOST ? count : RG_TRACE_WAITING_MOST;
}

// Whether none has come since there were `count`; then they are gone.
static bool forget_waiting(struct rg_trace_stream *s, uint32_t count) {
    uint32_t found = atomic_load(&s->waiting_count);
    return count_waiting(s) == count &&
           atomic_compare_exchange_strong(&s->waiting_count, &found, 0);
}

static void store_if_ready(struct rg_trace_stream *s, const struct rg_trace_event *e) {
    const struct rg_origin origin = {.thread = (uint16_t)s->thread};
    if (rg_trace_is_ready(s, 0) || rg_trace_begin(s, origin)) {
        rg_trace_store(s, e);
    }
}

// In the order of time: of FREE that is the time before the operation, of others that after it.
void rg_trace_put_among_waiting(struct rg_trace_stream *s, const struct rg_trace_event *e) {
    bool is_put = false;
    uint32_t i = 0;
    do {
        for (; i < count_waiting(s); i++) {
            if (!is_put && e->ticks <= s->waiting[i].ticks) {
                is_put = true;
                store_if_ready(s, e);
            }
            store_if_ready(s, &s->waiting[i]);
        }
    } while (!forget_waiting(s, i));
    if (!is_put) {
        store_if_ready(s, e);
    }
}

// Those that came behind the thread's last event. With the TRACE lock held, so that no more come.
static void put_rest(struct rg_trace_stream *s) {
    const struct rg_origin origin = {.thread = (uint16_t)s->thread};
    for (uint32_t i = 0; i < count_waiting(s); i++) {
        if (rg_trace_is_ready(s, 0) || begin(s, origin)) {
            rg_trace_store(s, &s->waiting[i]);
        }
    }
    atomic_store(&s->waiting_count, 0);
}

static void put_common(const struct rg_trace_event *e, uint32_t thread) {
    if (begin(&common, (struct rg_origin){.thread = (uint16_t)thread})) {
        rg_trace_store(&common, e);
    }
}

// More than can wait are many in one handler, or the handler has left the heap by a jump and the thread's own stream is in
// use for ever.
void rg_trace_put_later(struct rg_trace_stream *s, const struct rg_trace_event *e,
                        uint32_t thread) {
    const uint32_t place = s ? atomic_fetch_add(&s->waiting_count, 1) : RG_TRACE_WAITING_MOST;
    if (place < RG_TRACE_WAITING_MOST) {
        s->waiting[place] = *e;
        s->thread = thread; // it may have written nothing itself yet
        return;
    }
    rg_lock(RG_LOCK_TRACE);
    for (uint32_t i = 0; s && i < count_waiting(s); i++) {
        put_common(&s->waiting[i], thread);
    }
    if (s) {
        atomic_store(&s->waiting_count, 0);
    }
    put_common(e, thread);
    rg_unlock(RG_LOCK_TRACE);
}

// Threads are often named only after their first events.
static void renew_name(struct rg_trace_stream *s) {
    if (atomic_load(&rg_trace_on) && s->piece.base && !write_thread(s)) {
        stop();
    }
}

void rg_trace_stream_end(struct rg_trace_stream *s) {
    rg_lock(RG_LOCK_TRACE);
    put_rest(s);
    renew_name(s);
    s->limit = NULL;
    rg_unlock(RG_LOCK_TRACE);
}

void rg_trace_end(struct rg_trace_stream *s) {
    rg_lock(RG_LOCK_TRACE);
    if (s) {
        put_rest(s);
        renew_name(s);
    }
    if (atomic_load(&rg_trace_on) && rg_trace_meta_is_open() && !has_ended) {
        has_ended = true;
        if (!rg_trace_meta_clock(RG_TRACE_END, &trouble)) {
            stop();
        }
    }
    rg_unlock(RG_LOCK_TRACE);
}

void rg_trace_after_fork(void) {
    if (!atomic_load(&rg_trace_on)) {
        return;
    }
    parent_pid = own_pid;
    own_pid = (uint32_t)rg_getpid();
    has_ended = false;
    rg_trace_file_after_fork();
    rg_trace_meta_after_fork();
    rg_trace_books_after_fork();
    rg_trace_stream_forget(&common, false);
}

void rg_trace_stream_forget(struct rg_trace_stream *s, bool is_in_use) {
    if (is_in_use && s->piece.base) {
        // It may be in the middle of an event, which belongs to the parent: that goes nowhere.
        rg_vmem_commit((uintptr_t)s->piece.base, s->piece.bytes);
    }
    // But for what waits, which its number makes nothing.
    memset(s, 0, offsetof(struct rg_trace_stream, waiting));
}
