// SPDX-License-Identifier: MIT
// See lock.h. A futex mutex (Drepper, "Futexes Are Tricky") whose word names its owner: 0 is free,
// otherwise a number of the owning thread, plus a bit when others may be waiting. Taking a lock and
// naming its owner is one atomic step, so a fork in a signal handler knows exactly which locks the
// interrupted code of its own thread holds. Acquire on taking, release on giving back, so whatever a
// lock protects is ordered by it.
#include "base/lock.h"

#include "base/die.h"
#include "base/sys.h"

#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>

enum { WAITERS = 1 << 30 };

struct padded_lock {
    _Alignas(64) _Atomic unsigned state;
};

static struct padded_lock locks[RG_LOCK_COUNT];
static _Atomic unsigned thread_count;

static _Thread_local unsigned own_number RG_TLS_INITIAL_EXEC; // of this thread, 0: not given yet
static _Thread_local bool holds_all RG_TLS_INITIAL_EXEC; // this thread holds every lock, for fork
// Locks that were held by the code which a signal handler interrupted to fork: fork leaves them alone.
static bool held_before[RG_LOCK_COUNT];

static _Thread_local unsigned depth RG_TLS_INITIAL_EXEC; // locks held by this thread
static _Thread_local uint64_t outer_mask
    RG_TLS_INITIAL_EXEC; // signals blocked before the first of them

// What runs under a lock needs at most 1,016 bytes, as gcc compiles it with -O2; this is half as much again. More
// would fault in a thread or coroutine that has little left, but enough.
enum { STACK_UNDER_LOCK = 1536 };

// Where the stack runs out it must do so before the first lock is taken: the program's handler may leave by a
// jump.
static void touch_stack(void) {
    const volatile char *below = (const volatile char *)__builtin_frame_address(0);
    (void)below[-STACK_UNDER_LOCK];
}

// Signals are blocked before the first lock is counted and unblocked after the last was given back.
static void enter(void) {
    if (depth == 0) {
        touch_stack();
        uint64_t faults =
            1UL << (SIGSEGV - 1) | 1UL << (SIGBUS - 1) | 1UL << (SIGILL - 1) | 1UL << (SIGFPE - 1);
        uint64_t others = ~faults;
        rg_sys4(SYS_rt_sigprocmask, SIG_BLOCK, (long)&others, (long)&outer_mask, 8);
    }
    depth++;
}

static void leave(void) {
    if (--depth == 0) {
        rg_sys4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&outer_mask, 0, 8);
    }
}

#ifdef RG_DEBUG
// The locks this thread holds, in the order taken. A thread that breaks the order dies at once.
static _Thread_local int held[8] RG_TLS_INITIAL_EXEC;
static _Thread_local int held_count RG_TLS_INITIAL_EXEC;

static void note_taken(enum rg_lock_id id) {
    if (held_count > 0 && held[held_count - 1] >= (int)id) {
        rg_die_value("locks taken out of order", (int)id);
    }
    rg_check(held_count < (int)RG_ARRAY_LEN(held));
    held[held_count++] = (int)id;
}

static void note_given(enum rg_lock_id id) {
    rg_check(held_count > 0 && held[held_count - 1] == (int)id);
    held_count--;
}
#else
static void note_taken(enum rg_lock_id id) {
    (void)id;
}

static void note_given(enum rg_lock_id id) {
    (void)id;
}
#endif

static unsigned get_own_number(void) {
    if (rg_unlikely(own_number == 0)) {
        own_number =
            atomic_fetch_add_explicit(&thread_count, 1, memory_order_relaxed) % (WAITERS - 1) + 1;
    }
    return own_number;
}

static bool try_now(enum rg_lock_id id, unsigned value) {
    unsigned expected = 0;
    return atomic_compare_exchange_strong_explicit(&locks[id].state, &expected, value,
                                                   memory_order_acquire, memory_order_relaxed);
}

static RG_COLD void take_slow(enum rg_lock_id id, unsigned own) {
    _Atomic unsigned *word = &locks[id].state;
    if ((atomic_load_explicit(word, memory_order_relaxed) & ~(unsigned)WAITERS) == own) {
        // It would wait for itself, for ever.
        rg_die("a lock is held by the thread that wants it: a signal handler of the program has "
               "left the "
               "guard's code by a jump");
    }
    // Others may be waiting too by now, so whoever gets it here must wake one when done.
    while (!try_now(id, own | WAITERS)) {
        unsigned seen = atomic_load_explicit(word, memory_order_relaxed);
        if (seen != 0 && ((seen & WAITERS) || atomic_compare_exchange_strong_explicit(
                                                  word, &seen, seen | WAITERS, memory_order_relaxed,
                                                  memory_order_relaxed))) {
            rg_sys4(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, seen | WAITERS, 0);
        }
    }
}

static void take(enum rg_lock_id id) {
    unsigned own = get_own_number();
    if (rg_unlikely(!try_now(id, own))) {
        take_slow(id, own);
    }
}

static void give(enum rg_lock_id id) {
    if (rg_unlikely(atomic_exchange_explicit(&locks[id].state, 0, memory_order_release) &
                    WAITERS)) {
        rg_sys3(SYS_futex, (long)&locks[id].state, FUTEX_WAKE_PRIVATE, 1);
    }
}

bool rg_lock_try(enum rg_lock_id id) {
    if (holds_all) {
        return true;
    }
    enter();
    if (!try_now(id, get_own_number())) {
        leave();
        return false;
    }
    note_taken(id);
    return true;
}

void rg_lock(enum rg_lock_id id) {
    if (rg_likely(!holds_all)) {
        enter();
        take(id);
        note_taken(id);
    }
}

void rg_unlock(enum rg_lock_id id) {
    if (rg_likely(!holds_all)) {
        note_given(id);
        give(id);
        leave();
    }
}

bool rg_lock_is_holding(void) {
    return depth > 0 && !holds_all;
}

void rg_lock_all(void) {
    enter();
    unsigned own = get_own_number();
    for (int i = 0; i < RG_LOCK_COUNT; i++) {
        unsigned state = atomic_load_explicit(&locks[i].state, memory_order_relaxed);
        bool is_own = (state & ~(unsigned)WAITERS) == own;
        if (!is_own) {
            take((enum rg_lock_id)i);
        }
        held_before[i] = is_own;
    }
    holds_all = true;
}

void rg_unlock_all(void) {
    holds_all = false;
    for (int i = RG_LOCK_COUNT - 1; i >= 0; i--) {
        if (!held_before[i]) {
            give((enum rg_lock_id)i);
        }
    }
    leave();
}

void rg_lock_unmask(void) {
    leave();
}

void rg_lock_reset_all(void) {
    holds_all = false;
    for (int i = 0; i < RG_LOCK_COUNT; i++) {
        atomic_store_explicit(&locks[i].state, held_before[i] ? own_number : 0,
                              memory_order_release);
    }
}
