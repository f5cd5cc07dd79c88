// SPDX-License-Identifier: MIT
// See thread.h. State: the list of thread data, under the THREADS lock. A thread's end is marked by a
// pthread key's destructor, in the last round, because other destructors free memory too; what they
// free after that is still cached, and used by the thread that takes the data over. Data is taken over
// only once the kernel no longer knows the thread, so no thread ever works on another's.
#include "front/thread.h"

#include "base/arena.h"
#include "base/failing_list.h"
#include "base/lock.h"
#include "base/options.h"
#include "base/sys.h"
#include "front/calls.h"
#include "front/failing.h"
#include "front/init.h"
#include "front/next.h"
#include "front/traced.h"
#include "stack/libunwind.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>

_Thread_local struct rg_thread rg_thread_self RG_TLS_INITIAL_EXEC;

static struct rg_thread_data *all;
static _Atomic uint32_t thread_count;
static pthread_key_t end_key;
static _Atomic bool have_key;

static bool is_gone(const struct rg_thread_data *d, int own_tid) {
    return d->exiting &&
           (d->tid == own_tid || rg_sys3(SYS_tgkill, rg_getpid(), d->tid, 0) == -ESRCH);
}

// Data of a thread that has ended. Looks at a few only, so that starting a thread stays cheap.
static struct rg_thread_data *take_over(int tid) {
    int tries = 8;
    for (struct rg_thread_data *d = all; d && tries > 0; d = d->next) {
        if (d->exiting && tries-- > 0 && is_gone(d, tid)) {
            return d;
        }
    }
    return NULL;
}

extern void *__libc_stack_end;

// Thread-local variables lie at the end of a thread's stack, but for the first one.
static uintptr_t stack_end(int tid) {
    return (uintptr_t)(tid == rg_getpid() ? __libc_stack_end : (void *)&rg_thread_self);
}

// What is compared or counted by its innermost frames must have them.
static uint32_t stack_depth(void) {
    uint32_t depth = (uint32_t)rg_options.malloc_context_size;
    return rg_failing_is_watching && depth < RG_FAILING_FRAMES ? RG_FAILING_FRAMES : depth;
}

static struct rg_thread_data *get_data(int tid) {
    struct rg_thread_data *d = take_over(tid);
    if (!d) {
        d = rg_arena_alloc(sizeof *d);
        if (!d) {
            return NULL;
        }
        d->next = all;
        all = d;
    }
    rg_walk_begin(&d->capture.walker, stack_end(tid));
    d->origin = rg_thread_origin();
    d->capture.depth = stack_depth();
    d->tid = tid;
    d->exiting = false;
    return d;
}

struct rg_thread_data *rg_thread_begin(void) {
    rg_init();
    if (rg_unlikely(rg_init_is_aside())) {
        return NULL;
    }
    rg_lock(RG_LOCK_THREADS);
    struct rg_thread_data *d = get_data(rg_gettid());
    rg_unlock(RG_LOCK_THREADS);
    rg_thread_self.data = d;
    rg_thread_self.usual = rg_trace_is_on() || rg_options.fill >= 0 || rg_options.seal_freed ||
                                   rg_options.mismatch || rg_options.redzone > 0
                               ? NULL
                               : d;
    if (d && atomic_load(&have_key)) {
        // The key is among the first 32, whose values need no memory; were it not, the C library would
        // call calloc here, which finds the thread busy and goes past its cache.
        pthread_setspecific(end_key, (void *)1);
    }
    return d;
}

static void on_thread_end(void *value) {
    uintptr_t round = (uintptr_t)value;
    if (round < PTHREAD_DESTRUCTOR_ITERATIONS) {
        pthread_setspecific(end_key, (void *)(round + 1));
        return;
    }
    // As any other stay in the heap: a signal handler that allocates in between must not use the cache.
    struct rg_stay stay = rg_thread_enter();
    if (stay.data) {
        rg_tcache_flush(&stay.data->tcache);
    }
    rg_traced_thread_end(stay);
    rg_thread_leave(stay);
    if (stay.data) {
        rg_lock(RG_LOCK_THREADS);
        stay.data->exiting = true;
        rg_unlock(RG_LOCK_THREADS);
    }
}

void rg_thread_init(void) {
    if (pthread_key_create(&end_key, on_thread_end) == 0) {
        atomic_store(&have_key, true);
    }
}

static rg_call_fn *next_create;

__attribute__((constructor)) static void find_create(void) {
    rg_find_next("pthread_create", &next_create);
}

// libunwind is opened before there is a second thread: from then on the loader's lock may be held by a thread
// that waits for another.
long rg_own_pthread_create(long thread, long attr, long start, long arg, long e, long f) {
    if (rg_unlikely(!next_create)) {
        find_create();
    }
    if (!rg_init_is_aside()) {
        rg_libunwind_open();
    }
    return next_create(thread, attr, start, arg, e, f);
}

uint16_t rg_thread_number(void) {
    uint32_t *own = &rg_thread_self.number_plus_1;
    if (rg_unlikely(*own == 0)) {
        *own = atomic_fetch_add_explicit(&thread_count, 1, memory_order_relaxed) + 1;
    }
    return *own <= UINT16_MAX ? (uint16_t)(*own - 1) : UINT16_MAX;
}

struct rg_origin rg_thread_origin(void) {
    return (struct rg_origin){
        .thread = rg_thread_number(),
        // Where every realloc moves there is nothing to be spared.
        .may_be_roomy = rg_options.move != RG_MOVE_ALWAYS,
    };
}

void rg_thread_after_fork(void) {
    struct rg_thread_data *own = rg_thread_self.data;
    for (struct rg_thread_data *d = all; d; d = d->next) {
        // The other threads do not exist here. Their caches were perhaps in the middle of a change, so
        // what is in them stays unused.
        if (d != own && !d->exiting) {
            for (unsigned c = 0; c < RG_BINS; c++) {
                d->tcache.bins[c].count = 0;
                d->tcache.bins[c].vacated_count = 0;
            }
            d->exiting = true;
        }
        rg_trace_stream_forget(&d->trace, d == own && rg_thread_self.busy);
    }
    if (own) {
        own->tid = rg_gettid();
    }
}
