// SPDX-License-Identifier: MIT
// Claims about diagnosis: from an address to the story of its block.
#include "heap/usual.h"
#include "report/finding.h"

#include "support.h"

#include <sys/resource.h>

static struct rg_origin by(uint32_t n) {
    return (struct rg_origin){.stack = n, .thread = (uint16_t)(n / 10)};
}

static char *allocate(size_t size, uint32_t n) {
    char *p = rg_heap_alloc(NULL, size, 16, RG_FAMILY_MALLOC, false, by(n));
    assert_non_null(p);
    return p;
}

static char *move_to(char *p, size_t size, uint32_t n) {
    struct rg_resize how = {.size = size, .move = true, .origin = by(n)};
    void *q = NULL;
    assert_int_equal(rg_heap_resize(NULL, p, &how, &q), RG_OK);
    return q;
}

static void release(char *p, uint32_t n) {
    struct rg_resize how = {.release = true, .origin = by(n)};
    void *q;
    assert_int_equal(rg_heap_resize(NULL, p, &how, &q), RG_OK);
}

static struct rg_finding diagnose(const char *address, enum rg_trouble trouble) {
    struct rg_finding f = {
        .operation = RG_OP_WRITE, .trouble = trouble, .address = (uintptr_t)address};
    rg_finding_diagnose(&f);
    return f;
}

static void follows_a_moved_block_to_where_it_lives(void) {
    char *p = allocate(10, 100);
    char *q = move_to(p, 20, 200);
    char *r = move_to(q, 30, 300);
    char *s = move_to(r, 40, 400);
    struct rg_finding f = diagnose(p + 5, RG_TROUBLE_STALE);
    assert_true(f.has_block);
    assert_int_equal(f.block.address, (uintptr_t)p);
    assert_int_equal(f.block.end_stack, 200);
    assert_int_equal(f.today, RG_TODAY_LIVE);
    assert_int_equal(f.today_address, (uintptr_t)s);
    assert_int_equal(f.today_size, 40);
    assert_int_equal(f.moves_since, 2);
    assert_int_equal(f.moves_before, 0);
    assert_int_equal(f.before.steps, 1);
    assert_int_equal(f.before.first[0].stack, 100);
    assert_int_equal(f.after.steps, 3);
    for (uint32_t n = 0; n < 3; n++) {
        assert_int_equal(f.after.first[n].stack, 200 + 100 * n);
        assert_int_equal(f.after.first[n].last_size, 20 + 10 * n);
    }
    assert_int_equal(f.origin.address, (uintptr_t)p);
    f = diagnose(r, RG_TROUBLE_STALE);
    assert_int_equal(f.moves_since, 0);
    assert_int_equal(f.moves_before, 2);
    assert_int_equal(f.origin.address, (uintptr_t)p);
    assert_int_equal(f.origin.size, 10);
    assert_int_equal(f.origin.alloc_stack, 100);
    assert_int_equal(f.before.steps, 3);
    for (uint32_t n = 0; n < 3; n++) {
        assert_int_equal(f.before.first[n].stack, 300 - 100 * n);
        assert_int_equal(f.before.first[n].last_size, 30 - 10 * n);
    }
    assert_int_equal(f.after.steps, 1);
}

static void tells_who_freed_the_block_it_became(void) {
    char *p = allocate(10, 100);
    char *q = move_to(p, 20, 200);
    assert_int_equal(rg_heap_free(NULL, move_to(q, 30, 300), by(400)), RG_OK);
    struct rg_finding f = diagnose(p, RG_TROUBLE_STALE);
    assert_int_equal(f.today, RG_TODAY_FREED);
    assert_int_equal(f.end_stack, 400);
    assert_int_equal(f.end_thread, 40);
    assert_int_equal(f.moves_since, 1);
    f = diagnose(q, RG_TROUBLE_STALE);
    assert_int_equal(f.today, RG_TODAY_FREED);
    assert_int_equal(f.moves_since, 0);
}

static void tells_who_freed_by_realloc_to_zero(void) {
    char *p = allocate(10, 100);
    char *q = move_to(p, 20, 200);
    release(q, 300);
    struct rg_finding f = diagnose(q, RG_TROUBLE_STALE);
    assert_int_equal(f.block.state, RG_BLOCK_RELEASED);
    assert_int_equal(f.today, RG_TODAY_RELEASED);
    assert_int_equal(f.end_stack, 300);
    assert_int_equal(f.origin.address, (uintptr_t)p);
    // The former address knows that the block is gone, and where.
    f = diagnose(p, RG_TROUBLE_STALE);
    assert_true(f.today != RG_TODAY_LIVE);
    assert_int_equal(f.end_stack, 300);
    assert_int_equal(f.end_thread, 30);
}

static void describes_a_freed_block_and_where_it_came_from(void) {
    char *p = allocate(10, 100);
    char *q = move_to(p, 20, 200);
    assert_int_equal(rg_heap_free(NULL, q, by(300)), RG_OK);
    struct rg_finding f = diagnose(q, RG_TROUBLE_FREED);
    assert_true(f.has_block);
    assert_int_equal(f.block.state, RG_BLOCK_FREE);
    assert_int_equal(f.block.end_stack, 300);
    assert_int_equal(f.origin.alloc_stack, 100);
    assert_int_equal(f.moves_before, 1);
}

static void finds_no_block_for_foreign_addresses(void) {
    int local;
    allocate(10, 100);
    assert_false(diagnose((char *)&local, RG_TROUBLE_FOREIGN).has_block);
    assert_false(diagnose((char *)8, RG_TROUBLE_FOREIGN).has_block);
}

static void survives_a_chain_of_many_moves(void) {
    enum { MOVES = 20000 };
    char *first = allocate(10, 100);
    char *p = first;
    for (uint32_t i = 0; i < MOVES; i++) {
        p = move_to(p, 10 + i % 1000, 1000 + i);
    }
    struct rg_finding f = diagnose(first, RG_TROUBLE_STALE);
    assert_int_equal(f.moves_since, MOVES - 1);
    assert_int_equal(f.today_address, (uintptr_t)p);
    assert_int_equal(rg_heap_free(NULL, p, by(1)), RG_OK);
    f = diagnose(first, RG_TROUBLE_STALE);
    assert_int_equal(f.today, RG_TODAY_FREED);
    assert_int_equal(f.moves_since, MOVES - 1);
}

// What became of a moved block is kept in memory of its own, which may be refused when the block is freed.
static void takes_no_later_block_for_the_moved_one(void) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip_isolated("the sanitizer's own memory is short then, too");
#endif
    enum { BLOCKS = 20000, SIZE = 300 };
    static char *former[BLOCKS];
    static char *now[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++) {
        former[i] = allocate(SIZE, 100);
        now[i] = move_to(former[i], SIZE, 200);
    }
    struct rlimit limit = {0, RLIM_INFINITY};
    require(setrlimit(RLIMIT_AS, &limit) == 0);
    for (size_t i = 0; i < BLOCKS; i++) {
        require(rg_heap_free(NULL, now[i], by(300)) == RG_OK);
    }
    size_t not_told = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        struct rg_finding f = diagnose(former[i], RG_TROUBLE_STALE);
        not_told += f.block.fate != RG_FATE_FREED;
        require(f.today == RG_TODAY_FREED && f.end_stack == 300 && f.end_thread == 30);
    }
    assert_true(not_told > 0);
    for (size_t i = 0; i < BLOCKS; i++) {
        char *p = rg_heap_alloc(NULL, SIZE, 16, RG_FAMILY_MALLOC, false, by(400));
        require(p || i > BLOCKS / 2);
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        struct rg_finding f = diagnose(former[i], RG_TROUBLE_STALE);
        require(f.today == RG_TODAY_FREED && (f.end_is_brief || f.end_stack == 300));
    }
}

static struct rg_finding make_up(void) {
    struct rg_finding f = {.operation = RG_OP_READ,
                           .trouble = RG_TROUBLE_STALE,
                           .pcs = {1, 2, 3, 4},
                           .pc_count = 4,
                           .has_block = true};
    f.block.alloc_stack = 5;
    f.block.end_stack = 6;
    return f;
}

static void has_one_key_for_each_distinct_misuse(void) {
    struct rg_finding f = make_up();
    uint64_t keys[8];
    keys[0] = rg_finding_key(&f);
    assert_int_not_equal(keys[0], 0);
    f.operation = RG_OP_WRITE;
    keys[1] = rg_finding_key(&f);
    f = make_up();
    f.pcs[3] = 9;
    keys[2] = rg_finding_key(&f);
    f = make_up();
    f.pc_count = 3;
    keys[3] = rg_finding_key(&f);
    f = make_up();
    f.block.alloc_stack = 9;
    keys[4] = rg_finding_key(&f);
    f = make_up();
    f.block.end_stack = 9;
    keys[5] = rg_finding_key(&f);
    f = make_up();
    f.epoch = 1;
    keys[6] = rg_finding_key(&f);
    f = make_up();
    f.trouble = RG_TROUBLE_FREED;
    keys[7] = rg_finding_key(&f);
    for (size_t i = 0; i < RG_ARRAY_LEN(keys); i++) {
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(keys[i], keys[k]);
        }
    }
}

static void has_a_general_key_for_all_allocations_of_a_block(void) {
    struct rg_finding f = make_up();
    uint64_t general = rg_finding_general_key(&f);
    f.block.alloc_stack = 9;
    assert_int_equal(rg_finding_general_key(&f), general);
    f.block.alloc_stack = 0;
    f.block.is_brief = true;
    assert_int_equal(rg_finding_general_key(&f), general);
    f.block.end_stack = 9;
    assert_int_not_equal(rg_finding_general_key(&f), general);
    f = make_up();
    f.operation = RG_OP_WRITE;
    assert_int_not_equal(rg_finding_general_key(&f), general);
    f = make_up();
    f.pcs[3] = 9;
    assert_int_not_equal(rg_finding_general_key(&f), general);
}

static void has_one_key_for_what_one_call_into_a_library_does(void) {
    struct rg_finding a = make_up(), b = make_up();
    a.address = 1000;
    b.address = 1008;
    a.thread = 7;
    b.access_bytes = 32;
    assert_int_equal(rg_finding_key(&a), rg_finding_key(&b));
    // Two instructions of the same library function.
    b.pcs[0] = 77;
    assert_int_not_equal(rg_finding_key(&a), rg_finding_key(&b));
    a.system_pcs = b.system_pcs = 1;
    assert_int_equal(rg_finding_key(&a), rg_finding_key(&b));
    // Where everything is a system library's, everything counts.
    a.system_pcs = b.system_pcs = 4;
    assert_int_not_equal(rg_finding_key(&a), rg_finding_key(&b));
}

static void has_a_name_for_every_kind(void) {
    for (int op = RG_OP_READ; op <= RG_OP_USABLE_SIZE; op++) {
        for (int trouble = RG_TROUBLE_STALE; trouble <= RG_TROUBLE_FOREIGN; trouble++) {
            struct rg_finding f = {.operation = (enum rg_operation)op,
                                   .trouble = (enum rg_trouble)trouble};
            // Only what is inaccessible is seen at an access.
            bool can_be = op > RG_OP_EXECUTE || trouble <= RG_TROUBLE_FREED;
            assert_int_equal(rg_finding_kind(&f)[0] != 0, can_be);
        }
    }
    struct rg_finding f = {.operation = RG_OP_FREE, .trouble = RG_TROUBLE_FREED};
    assert_string_equal(rg_finding_kind(&f), "double free");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(follows_a_moved_block_to_where_it_lives),
        isolated(tells_who_freed_the_block_it_became),
        isolated(tells_who_freed_by_realloc_to_zero),
        isolated(describes_a_freed_block_and_where_it_came_from),
        isolated(finds_no_block_for_foreign_addresses),
        isolated(survives_a_chain_of_many_moves),
        isolated(takes_no_later_block_for_the_moved_one),
        isolated(has_one_key_for_each_distinct_misuse),
        isolated(has_a_general_key_for_all_allocations_of_a_block),
        isolated(has_one_key_for_what_one_call_into_a_library_does),
        isolated(has_a_name_for_every_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
