// SPDX-License-Identifier: MIT
// Claims about what lies behind a block.
#include "heap/redzone.h"

#include "support.h"

#include <string.h>

enum { SLOT = 48 };

static void finds_each_byte_that_is_changed_right_behind_a_block(void **state) {
    (void)state;
    char slot[SLOT];
    for (size_t size = 0; size <= SLOT; size++) {
        rg_redzone_begin(slot, size, SLOT);
        memset(slot, 'x', size);
        assert_true(rg_redzone_is_intact(slot, size, SLOT));
        for (size_t at = size; at < SLOT && at < size + RG_REDZONE_WORD; at++) {
            char before = slot[at];
            slot[at] = 0;
            assert_false(rg_redzone_is_intact(slot, size, SLOT));
            struct rg_damage damage;
            assert_true(rg_redzone_find_damage(slot, size, SLOT, NULL, &damage));
            assert_int_equal(damage.first, at - size);
            assert_int_equal(damage.count, 1);
            slot[at] = before;
        }
        assert_true(rg_redzone_is_intact(slot, size, SLOT));
    }
}

static void leaves_the_block_itself_alone(void **state) {
    (void)state;
    char slot[SLOT];
    for (size_t size = 0; size <= SLOT; size++) {
        memset(slot, 'x', SLOT);
        rg_redzone_write(slot, size, SLOT);
        rg_redzone_renew(slot, size, SLOT);
        for (size_t at = 0; at < size; at++) {
            assert_int_equal(slot[at], 'x');
        }
        assert_true(rg_redzone_is_intact(slot, size, SLOT));
    }
}

static void looks_at_as_many_bytes_as_are_wanted(void **state) {
    (void)state;
    char slot[200];
    struct rg_damage damage;
    rg_redzone_wanted = 100;
    rg_redzone_write(slot, 10, sizeof slot);
    slot[109] = 1;
    slot[110] = 1;
    assert_true(rg_redzone_find_damage(slot, 10, sizeof slot, NULL, &damage));
    assert_int_equal(damage.first, 99);
    assert_int_equal(damage.count, 1);
    rg_redzone_wanted = 0;
    assert_false(rg_redzone_find_damage(slot, 10, sizeof slot, NULL, &damage));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_byte_that_is_changed_right_behind_a_block),
        cmocka_unit_test(leaves_the_block_itself_alone),
        cmocka_unit_test(looks_at_as_many_bytes_as_are_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
