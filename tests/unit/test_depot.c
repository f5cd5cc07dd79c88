// SPDX-License-Identifier: MIT
// Claims about the stack depot.
#include "stack/depot.h"

#include "base/arena.h"
#include "base/vmem.h"
#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>

enum { STACKS = 120000, SHARED = 30000, THREADS = 4, PROCESSES = 40, DEPTH = 40 };

// The n-th made-up stack; distinct for distinct n. Returns its count.
static size_t make_stack(size_t n, uintptr_t *pcs) {
    uint64_t seed = n;
    size_t count = 1 + n % DEPTH;
    for (size_t i = 0; i < count; i++) {
        // Many stacks share most of their frames.
        pcs[i] = i + 1 < count ? 0x400000 + next_random(&seed) % 16 : n + 0x500000;
    }
    return count;
}

static struct rg_stack_id put(size_t n) {
    uintptr_t pcs[DEPTH];
    size_t count = make_stack(n, pcs);
    return rg_depot_put(pcs, count, 0);
}

static void check_get(struct rg_stack_id id, size_t n) {
    uintptr_t pcs[DEPTH], got[DEPTH];
    size_t count = make_stack(n, pcs);
    struct rg_stack stack = rg_depot_get(id, got, DEPTH);
    require(stack.count == count);
    require(memcmp(stack.pcs, pcs, count * sizeof pcs[0]) == 0);
}

static void gives_the_same_stack_the_same_id(void) {
    struct rg_stack_id a = put(1), b = put(2);
    assert_true(a.v != 0 && b.v != 0 && a.v != b.v);
    assert_int_equal(put(1).v, a.v);
    assert_int_equal(put(2).v, b.v);
    assert_int_equal(rg_depot_count(), 2);
    check_get(a, 1);
    check_get(b, 2);
}

static void tells_epochs_and_lengths_apart(void) {
    const uintptr_t pcs[] = {1, 2, 3};
    uint32_t first = rg_depot_put(pcs, 3, 0).v;
    assert_int_not_equal(rg_depot_put(pcs, 3, 1).v, first);
    assert_int_not_equal(rg_depot_put(pcs, 2, 0).v, first);
    uintptr_t got[3];
    assert_int_equal(rg_depot_get(rg_depot_put(pcs, 3, 1), got, 3).epoch, 1);
    assert_int_equal(rg_depot_get((struct rg_stack_id){first}, got, 3).epoch, 0);
}

static void gives_no_more_frames_than_are_asked_for(void) {
    const uintptr_t pcs[] = {1, 2, 3};
    uintptr_t got[3] = {0};
    assert_int_equal(rg_depot_get(rg_depot_put(pcs, 3, 0), got, 2).count, 2);
    assert_true(got[0] == 1 && got[1] == 2 && got[2] == 0);
}

// Code all over the address space, as that of many separate mappings, and marked pcs.
static void keeps_pcs_of_any_value(void) {
    enum { COUNT = 8, FAR = 200 };
    static uint32_t ids[FAR];
    uint64_t seed = 3;
    for (int lap = 0; lap < 2; lap++) {
        seed = 3;
        for (size_t n = 0; n < FAR; n++) {
            uintptr_t pcs[COUNT], got[COUNT];
            for (size_t i = 0; i < COUNT; i++) {
                pcs[i] = next_random(&seed) >> (n % 4 == 0 ? 0 : 17);
            }
            struct rg_stack_id id = rg_depot_put(pcs, COUNT, 0);
            require(id.v != 0 && (lap == 0 || id.v == ids[n]));
            ids[n] = id.v;
            require(rg_depot_get(id, got, COUNT).count == COUNT);
            assert_memory_equal(got, pcs, sizeof pcs);
        }
    }
    assert_int_equal(rg_depot_count(), FAR);
}

static void gives_the_empty_stack_id_0(void) {
    uintptr_t pc = 1;
    assert_int_equal(rg_depot_put(&pc, 0, 0).v, 0);
    assert_int_equal(rg_depot_get((struct rg_stack_id){0}, &pc, 1).count, 0);
    assert_int_equal(rg_depot_count(), 0);
}

static void keeps_every_id_while_it_grows(void) {
    static uint32_t ids[STACKS];
    for (size_t n = 0; n < STACKS; n++) {
        ids[n] = put(n).v;
        require(ids[n] != 0);
    }
    assert_int_equal(rg_depot_count(), STACKS);
    for (size_t n = 0; n < STACKS; n++) {
        check_get((struct rg_stack_id){ids[n]}, n);
        require(put(n).v == ids[n]);
    }
    assert_int_equal(rg_depot_count(), STACKS);
    // Twenty frames each on average, of four bytes, and the tables.
    assert_in_range(rg_arena_used(), STACKS * 20 * 4, STACKS * 20 * 4 * 2);
}

// From here on the kernel has no memory in one piece of that size.
static void refuse_to_map(uint32_t bytes) {
    refuse_call(SYS_mmap, 1, bytes, ENOMEM);
}

static uint32_t put_short(uintptr_t pc) {
    return rg_depot_put(&pc, 1, 0).v;
}

static void loses_nothing_by_what_it_cannot_enter(void) {
    enum { MANY = 100000, SLOTS = 1 << 14 };
    uint32_t last = 0, id;
    // A table of twice the slots, and what is before them.
    refuse_to_map(2 * SLOTS * sizeof(uint32_t) + RG_PAGE_SIZE);
    while ((id = put_short(last)) != 0) {
        last = id;
    }
    assert_int_equal(last, SLOTS - 1);
    const size_t used = rg_arena_used();
    for (uintptr_t pc = last; pc < last + MANY; pc++) {
        require(put_short(pc) == 0);
    }
    assert_int_equal(rg_arena_used(), used);
    assert_int_equal(rg_depot_last_id(), last);
    assert_int_equal(rg_depot_count(), last);
}

static void answers_from_a_thread_cache_as_without(void) {
    static struct rg_depot_cache cache;
    uint64_t seed = 17;
    for (int i = 0; i < 100000; i++) {
        uintptr_t pcs[DEPTH];
        size_t n = random_below(&seed, 500);
        size_t count = make_stack(n, pcs);
        uint32_t epoch = (uint32_t)random_below(&seed, 2);
        require(rg_depot_put_cached(&cache, pcs, count, epoch).v ==
                rg_depot_put(pcs, count, epoch).v);
    }
    uintptr_t pc = 1;
    assert_int_equal(rg_depot_put_cached(&cache, &pc, 0, 0).v, 0);
    assert_int_equal(rg_depot_count(), 1000);
}

static uint32_t shared_ids[THREADS][SHARED];

// Every thread enters the same stacks, each in an order of its own.
static void *put_all(void *arg) {
    size_t self = (size_t)arg;
    for (size_t i = 0; i < SHARED; i++) {
        size_t n = self % 2 ? SHARED - 1 - i : i;
        struct rg_stack_id id = put(n);
        shared_ids[self][n] = id.v;
        check_get(id, n);
    }
    return NULL;
}

static void put_from_all_threads(void) {
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        require(pthread_create(&threads[i], NULL, put_all, (void *)i) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(rg_depot_count(), SHARED);
    for (size_t i = 1; i < THREADS; i++) {
        assert_memory_equal(shared_ids[i], shared_ids[0], sizeof shared_ids[0]);
    }
}

// The table is replaced a few times in each process, which is when most can go wrong.
static void gives_all_threads_the_same_ids(void) {
    for (int i = 0; i < PROCESSES; i++) {
        assert_int_equal(run_in_child(put_from_all_threads, -1), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(gives_the_same_stack_the_same_id),
        isolated(tells_epochs_and_lengths_apart),
        isolated(gives_no_more_frames_than_are_asked_for),
        isolated(keeps_pcs_of_any_value),
        isolated(gives_the_empty_stack_id_0),
        isolated(keeps_every_id_while_it_grows),
        isolated(loses_nothing_by_what_it_cannot_enter),
        isolated(answers_from_a_thread_cache_as_without),
        isolated(gives_all_threads_the_same_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
