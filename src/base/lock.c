// SPDX-License-Identifier: MIT
// See lock.h. The three-state futex mutex of Drepper's "Futexes Are Tricky": 0 free, 1 held, 2 held
// and perhaps waited for. Acquire on taking, release on giving back, so whatever a lock protects is
// ordered by it.
#include "base/lock.h"

#include "base/die.h"
#include "base/sys.h"

#include <linux/futex.h>
#include <stdatomic.h>

struct padded_lock {
    _Alignas(64) _Atomic unsigned state;
};

static struct padded_lock locks[RG_LOCK_COUNT];

// This thread holds every lock, for fork.
static _Thread_local bool holds_all RG_TLS_INITIAL_EXEC;

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

static void futex_wait(_Atomic unsigned *word, unsigned value) {
    rg_sys4(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, value, 0);
}

static RG_COLD void lock_slow(_Atomic unsigned *word) {
    while (atomic_exchange_explicit(word, 2, memory_order_acquire) != 0) {
        futex_wait(word, 2);
    }
}

static bool try_now(enum rg_lock_id id) {
    unsigned expected = 0;
    return atomic_compare_exchange_strong_explicit(&locks[id].state, &expected, 1,
                                                   memory_order_acquire, memory_order_relaxed);
}

static void take(enum rg_lock_id id) {
    if (rg_unlikely(!try_now(id))) {
        lock_slow(&locks[id].state);
    }
}

static void give(enum rg_lock_id id) {
    if (rg_unlikely(atomic_exchange_explicit(&locks[id].state, 0, memory_order_release) == 2)) {
        rg_sys3(SYS_futex, (long)&locks[id].state, FUTEX_WAKE_PRIVATE, 1);
    }
}

bool rg_lock_try(enum rg_lock_id id) {
    if (!holds_all && !try_now(id)) {
        return false;
    }
    if (!holds_all) {
        note_taken(id);
    }
    return true;
}

void rg_lock(enum rg_lock_id id) {
    if (rg_likely(!holds_all)) {
        take(id);
        note_taken(id);
    }
}

void rg_unlock(enum rg_lock_id id) {
    if (rg_likely(!holds_all)) {
        note_given(id);
        give(id);
    }
}

void rg_lock_all(void) {
    for (int i = 0; i < RG_LOCK_COUNT; i++) {
        take((enum rg_lock_id)i);
    }
    holds_all = true;
}

void rg_unlock_all(void) {
    holds_all = false;
    for (int i = RG_LOCK_COUNT - 1; i >= 0; i--) {
        give((enum rg_lock_id)i);
    }
}

void rg_lock_reset_all(void) {
    holds_all = false;
    for (int i = 0; i < RG_LOCK_COUNT; i++) {
        atomic_store_explicit(&locks[i].state, 0, memory_order_release);
    }
}
