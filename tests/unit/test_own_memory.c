// SPDX-License-Identifier: MIT
// Claims about the list of the guard's own memory.
#include "base/own_memory.h"

#include "support.h"

static uintptr_t next_from(uintptr_t from, uintptr_t *ret_end) {
    return rg_own_memory_next(from, 0x100000, ret_end);
}

static void finds_what_was_noted(void) {
    uintptr_t end;
    assert_int_equal(next_from(0x1000, &end), 0x100000);
    assert_int_equal(end, 0x100000);
    rg_own_memory_note((void *)0x8000, 0x1000);
    rg_own_memory_note((void *)0x20000, 0x2000);
    assert_int_equal(next_from(0x1000, &end), 0x8000);
    assert_int_equal(end, 0x9000);
    assert_int_equal(next_from(0x8800, &end), 0x8800);
    assert_int_equal(end, 0x9000);
    assert_int_equal(next_from(0x9000, &end), 0x20000);
    assert_int_equal(end, 0x22000);
    assert_int_equal(next_from(0x22000, &end), 0x100000);
}

static void joins_neighbours(void) {
    for (uintptr_t i = 0; i < 5000; i++) {
        rg_own_memory_note((void *)(0x90000000 - i * 0x1000), 0x1000);
        rg_own_memory_note((void *)(0xa0000000 + i * 0x1000), 0x1000);
    }
    assert_true(rg_own_memory_is_known());
    uintptr_t end;
    assert_int_equal(rg_own_memory_next(0, UINTPTR_MAX, &end), 0x90000000 - 4999 * 0x1000);
    assert_int_equal(end, 0x90001000);
}

static void knows_that_there_was_no_room(void) {
    for (uintptr_t i = 1; i < 3000; i++) {
        rg_own_memory_note((void *)(i * 0x10000), 0x1000);
    }
    assert_false(rg_own_memory_is_known());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(finds_what_was_noted),
        isolated(joins_neighbours),
        isolated(knows_that_there_was_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
