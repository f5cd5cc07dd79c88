// SPDX-License-Identifier: MIT
// Claims about the locks. lock.c is compiled into this test with RG_DEBUG, so the order is checked.
#include "base/lock.h"

#include "support.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

enum { THREADS = 4, ROUNDS = 50000 };

static long counter;

static void *count(void *unused) {
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        rg_lock(RG_LOCK_LARGE);
        counter++;
        rg_unlock(RG_LOCK_LARGE);
    }
    return NULL;
}

static void lets_one_thread_in_at_a_time(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        require(pthread_create(&threads[i], NULL, count, NULL) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(counter, (long)THREADS * ROUNDS);
}

static void *try_once(void *ret_got) {
    bool *got = ret_got;
    *got = rg_lock_try(RG_LOCK_LARGE);
    if (*got) {
        rg_unlock(RG_LOCK_LARGE);
    }
    return NULL;
}

static bool another_thread_gets_it(void) {
    bool got = false;
    pthread_t thread;
    require(pthread_create(&thread, NULL, try_once, &got) == 0);
    pthread_join(thread, NULL);
    return got;
}

static void tries_without_waiting(void) {
    assert_true(rg_lock_try(RG_LOCK_LARGE));
    assert_false(another_thread_gets_it());
    rg_unlock(RG_LOCK_LARGE);
    assert_true(another_thread_gets_it());
}

static void allows_every_pair_in_order(void) {
    for (int first = 0; first < RG_LOCK_COUNT; first++) {
        for (int second = first + 1; second < RG_LOCK_COUNT; second++) {
            rg_lock((enum rg_lock_id)first);
            rg_lock((enum rg_lock_id)second);
            rg_unlock((enum rg_lock_id)second);
            rg_unlock((enum rg_lock_id)first);
        }
    }
}

static void take_out_of_order(void) {
    rg_lock(RG_LOCK_ARENA);
    rg_lock(RG_LOCK_VMEM);
}

static void take_twice(void) {
    rg_lock((enum rg_lock_id)(RG_LOCK_CLASS + 5));
    rg_lock_try((enum rg_lock_id)(RG_LOCK_CLASS + 4));
}

static void give_what_is_not_held(void) {
    rg_unlock(RG_LOCK_ARENA);
}

static void dies_when_the_order_is_broken(void) {
    assert_dies(take_out_of_order, "locks taken out of order");
    assert_dies(take_twice, "locks taken out of order");
    assert_dies(give_what_is_not_held, "this does not hold");
}

static void holds_all_against_others_but_not_itself(void) {
    rg_lock_all();
    assert_false(another_thread_gets_it());
    for (int i = RG_LOCK_COUNT - 1; i >= 0; i--) {
        rg_lock((enum rg_lock_id)i);
        assert_true(rg_lock_try((enum rg_lock_id)i));
        rg_unlock((enum rg_lock_id)i);
        rg_unlock((enum rg_lock_id)i);
    }
    assert_false(another_thread_gets_it());
    rg_unlock_all();
    assert_true(another_thread_gets_it());
}

static void take_each(void) {
    for (int i = 0; i < RG_LOCK_COUNT; i++) {
        assert_true(rg_lock_try((enum rg_lock_id)i));
        rg_unlock((enum rg_lock_id)i);
    }
}

static void reset_and_take_each(void) {
    rg_lock_reset_all();
    take_each();
    take_each();
}

static void frees_every_lock_in_a_forked_child(void) {
    rg_lock_all();
    assert_int_equal(run_in_child(reset_and_take_each, -1), 0);
    rg_unlock_all();
    take_each();
}

static void reset_and_find_it_still_held(void) {
    rg_lock_reset_all();
    require(!rg_lock_try(RG_LOCK_LARGE));
    rg_unlock(RG_LOCK_LARGE);
    take_each();
}

// As a signal handler that forks while its thread is inside the heap.
static void leaves_what_its_own_thread_held_before_a_fork(void) {
    rg_lock(RG_LOCK_LARGE);
    rg_lock_all();
    assert_int_equal(run_in_child(reset_and_find_it_still_held, -1), 0);
    rg_unlock_all();
    assert_false(another_thread_gets_it());
    rg_unlock(RG_LOCK_LARGE);
    assert_true(another_thread_gets_it());
    take_each();
}

static _Atomic bool go_on;

static void *wait_for_it(void *unused) {
    (void)unused;
    rg_lock(RG_LOCK_LARGE);
    atomic_store(&go_on, true);
    rg_unlock(RG_LOCK_LARGE);
    return NULL;
}

static void wakes_a_waiting_thread(void) {
    for (int i = 0; i < 200; i++) {
        pthread_t thread;
        atomic_store(&go_on, false);
        rg_lock(RG_LOCK_LARGE);
        require(pthread_create(&thread, NULL, wait_for_it, NULL) == 0);
        usleep(i % 2 ? 200 : 0);
        assert_false(atomic_load(&go_on));
        rg_unlock(RG_LOCK_LARGE);
        pthread_join(thread, NULL);
        assert_true(atomic_load(&go_on));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(lets_one_thread_in_at_a_time),
        isolated(tries_without_waiting),
        isolated(allows_every_pair_in_order),
        isolated(dies_when_the_order_is_broken),
        isolated(holds_all_against_others_but_not_itself),
        isolated(frees_every_lock_in_a_forked_child),
        isolated(leaves_what_its_own_thread_held_before_a_fork),
        isolated(wakes_a_waiting_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
