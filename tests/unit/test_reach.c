// SPDX-License-Identifier: MIT
// Claims about blocks that can be reached, and which of the others are direct.
#include "heap/reach.h"

#include "heap/usual.h"
#include "support.h"

static const struct rg_origin ALLOCATED = {.stack = 11, .thread = 1};

enum { BLOCKS = 8 };
static char *block[BLOCKS];
static struct rg_reach reach;

static char *allocate(size_t size) {
    void *p = rg_heap_alloc(NULL, size, 16, RG_FAMILY_MALLOC, true, ALLOCATED);
    require(p != NULL);
    return p;
}

static void begin(size_t count, size_t size) {
    for (size_t i = 0; i < count; i++) {
        block[i] = allocate(size);
    }
    require(rg_reach_begin(&reach));
}

static void point(size_t from, size_t to) {
    char **words = (char **)(void *)block[from];
    for (; *words; words++) {
    }
    *words = block[to];
}

static void look(uintptr_t at, uintptr_t memory, size_t size, void *unused) {
    (void)at, (void)unused;
    rg_reach_look(&reach, (const char *)memory, size);
}

static void show(const void *root) {
    uintptr_t word = (uintptr_t)root;
    rg_reach_look(&reach, (const char *)&word, sizeof word);
}

static char kinds[BLOCKS + 1]; // '.': reached, 'd': direct, 'i': indirect

static void note(uintptr_t at, size_t size, bool is_direct, void *unused) {
    (void)size, (void)unused;
    for (size_t i = 0; i < BLOCKS; i++) {
        if (at == (uintptr_t)block[i]) {
            kinds[i] = is_direct ? 'd' : 'i';
        }
    }
}

static const char *sort_out(size_t count) {
    memset(kinds, '.', count);
    rg_reach_follow(&reach, look, NULL);
    rg_reach_find_pointed(&reach, look, NULL);
    rg_reach_find_direct(&reach, look, NULL);
    rg_reach_each_leaked(&reach, note, NULL);
    rg_reach_end(&reach);
    return kinds;
}

static void follows_what_is_reached(void) {
    begin(4, 100);
    point(0, 1);
    point(1, 2);
    show(block[0]);
    assert_string_equal(sort_out(4), "...d");
}

static void takes_what_hangs_on_a_leaked_block_for_indirect(void) {
    begin(5, 100);
    point(4, 0);
    point(0, 1);
    point(2, 2);
    assert_string_equal(sort_out(5), "iiddd");
}

static void has_one_leader_for_each_ring(void) {
    begin(6, 100);
    point(0, 1);
    point(1, 0);
    // A ring with a higher address that the first one hangs on.
    point(2, 3);
    point(3, 2);
    point(3, 0);
    point(4, 5);
    point(5, 4);
    assert_string_equal(sort_out(6), "iididi");
}

static void knows_pointers_into_and_around_a_block(void) {
    static const size_t sizes[] = {16, 100, 2048, 4096, 5000, 1 << 20, 3000000};
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        const size_t offsets[] = {0, sizes[i] / 2, sizes[i] - 1, sizes[i], -(size_t)8};
        for (size_t k = 0; k < RG_ARRAY_LEN(offsets); k++) {
            begin(3, sizes[i]);
            show(block[1] + offsets[k]);
            assert_int_equal(sort_out(3)[1], '.');
        }
        begin(3, sizes[i]);
        show((const void *)((uintptr_t)block[1] | 0xabUL << 56));
        assert_int_equal(sort_out(3)[1], '.');
    }
}

static void finds_words_at_any_address_if_asked(void) {
    char memory[32] = {0};
    for (unsigned step = 1; step <= 8; step += 7) {
        begin(1, 40);
        reach.step = step;
        memcpy(memory + 5, &block[0], sizeof block[0]);
        rg_reach_look(&reach, memory, sizeof memory);
        assert_int_equal(rg_reach_is_missing(&reach), step != 1);
        rg_reach_end(&reach);
        require(rg_heap_free(NULL, block[0], ALLOCATED) == RG_OK);
    }
}

static void tells_nothing_of_what_is_inherited(void) {
    block[0] = allocate(40);
    require(rg_reach_inherit());
    block[1] = allocate(40);
    require(rg_reach_begin(&reach));
    assert_string_equal(sort_out(2), ".d");
}

static void goes_through_a_long_list(void) {
    enum { LENGTH = 200000 };
    char *first = NULL;
    for (size_t i = 0; i < LENGTH; i++) {
        char *next = allocate(24);
        memcpy(next, &first, sizeof first);
        first = next;
    }
    require(rg_reach_begin(&reach));
    show(first);
    rg_reach_follow(&reach, look, NULL);
    assert_false(rg_reach_is_missing(&reach));
    rg_reach_again(&reach);
    assert_int_equal(reach.todo_count, LENGTH);
    rg_reach_end(&reach);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(follows_what_is_reached),
        isolated(takes_what_hangs_on_a_leaked_block_for_indirect),
        isolated(has_one_leader_for_each_ring),
        isolated(knows_pointers_into_and_around_a_block),
        isolated(finds_words_at_any_address_if_asked),
        isolated(tells_nothing_of_what_is_inherited),
        isolated(goes_through_a_long_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
