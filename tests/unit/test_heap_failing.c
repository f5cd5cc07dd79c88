// SPDX-License-Identifier: MIT
// Claims about a realloc that is to fail: it leaves the block as it was, is on record, and knows misuse all the same. And
// about the live blocks of the heap, of which such a one is one.
#include "heap/heap.h"

#include "heap/usual.h"
#include "support.h"

static const struct rg_origin ALLOCATED = {.stack = 11, .thread = 1};
static const struct rg_origin MOVED = {.stack = 22, .thread = 2};
static const struct rg_origin FAILED = {.stack = 44, .thread = 4};

// Small, of pages, and large.
static const size_t sizes[] = {1, 100, 2048, 5000, 70000, 1048577, 5000000};

static char *allocate(size_t size) {
    void *p = rg_heap_alloc(NULL, size, 16, RG_FAMILY_MALLOC, false, ALLOCATED);
    require(p != NULL);
    return p;
}

static enum rg_status resize(void *p, size_t size, bool fail, struct rg_origin origin,
                             char **ret_new) {
    struct rg_resize how = {.size = size, .move = true, .fail = fail, .origin = origin};
    void *q = NULL;
    enum rg_status status = rg_heap_resize(NULL, p, &how, &q);
    require(status != RG_NO_MEMORY || how.ret_old_size > 0);
    *ret_new = q;
    return status;
}

static struct rg_block_facts describe(const void *p) {
    struct rg_block_facts facts;
    require(rg_heap_describe((uintptr_t)p, &facts));
    return facts;
}

static void leaves_the_block_and_is_on_record(void) {
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        char *p = allocate(sizes[i]), *q;
        memset(p, 9, sizes[i]);
        assert_int_equal(resize(p, sizes[i] * 2, true, FAILED, &q), RG_NO_MEMORY);
        assert_int_equal(describe(p).state, RG_BLOCK_LIVE);
        assert_int_equal(describe(p).size, sizes[i]);
        assert_int_equal(describe(p).end_stack, FAILED.stack);
        assert_int_equal(describe(p).alloc_stack, ALLOCATED.stack);
        assert_int_equal(p[sizes[i] - 1], 9);
        assert_int_equal(resize(p, sizes[i] * 2, false, MOVED, &q), RG_OK);
        assert_int_equal(describe(q).end_stack, 0);
        assert_int_equal(q[sizes[i] - 1], 9);
        assert_int_equal(describe(p).state, RG_BLOCK_MOVED);
        assert_int_equal(rg_heap_free(NULL, q, ALLOCATED), RG_OK);
    }
}

static void is_forgotten_where_the_block_stays(void) {
    char *p = allocate(100), *q;
    assert_int_equal(resize(p, 90, true, FAILED, &q), RG_NO_MEMORY);
    struct rg_resize how = {.size = 95, .origin = MOVED};
    void *same = NULL;
    assert_int_equal(rg_heap_resize(NULL, p, &how, &same), RG_OK);
    assert_ptr_equal(same, p);
    assert_int_equal(describe(p).end_stack, 0);
}

static void knows_misuse_all_the_same(void) {
    char *p = allocate(100), *q, *none;
    assert_int_equal(resize(p, 200, false, MOVED, &q), RG_OK);
    assert_int_equal(resize(p, 300, true, FAILED, &none), RG_STALE);
    assert_int_equal(resize(q + 1, 300, true, FAILED, &none), RG_INTERIOR);
    assert_int_equal(rg_heap_free(NULL, q, ALLOCATED), RG_OK);
    assert_int_equal(resize(q, 300, true, FAILED, &none), RG_ALREADY_FREE);
    assert_int_equal(describe(p).end_stack, MOVED.stack);
}

// Of the blocks below, those that were come upon.
static char *blocks[RG_ARRAY_LEN(sizes)];
static unsigned seen[RG_ARRAY_LEN(sizes)], others;

static void note(uintptr_t block, uintptr_t memory, size_t size, void *arg) {
    (void)arg;
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        if (block == (uintptr_t)blocks[i]) {
            require(size == sizes[i] && *(char *)memory == (char)i);
            seen[i]++;
            return;
        }
    }
    others++;
}

static void goes_through_live_blocks(void) {
    char *q;
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        blocks[i] = allocate(sizes[i]);
        blocks[i][0] = (char)i;
        require(rg_heap_free(NULL, allocate(sizes[i]), ALLOCATED) == RG_OK);
        resize(blocks[i], 1, true, FAILED, &q);
    }
    char *moved = allocate(50);
    require(resize(moved, 60, false, MOVED, &q) == RG_OK);
    rg_heap_each_live(note, NULL);
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        assert_int_equal(seen[i], 1);
    }
    assert_int_equal(others, 1); // where the moved one is
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(leaves_the_block_and_is_on_record),
        isolated(is_forgotten_where_the_block_stays),
        isolated(knows_misuse_all_the_same),
        isolated(goes_through_live_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
