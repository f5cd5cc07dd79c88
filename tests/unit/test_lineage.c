// SPDX-License-Identifier: MIT
// Claims about the steps of a block's life.
#include "report/lineage.h"

#include "support.h"

static void keeps_each_step_of_a_short_life(void **state) {
    (void)state;
    struct rg_lineage l = {0};
    for (uint32_t n = 0; n < 2 * RG_LINEAGE_KEPT; n++) {
        rg_lineage_add(&l, n + 1, n * 10);
    }
    assert_int_equal(l.steps, 2 * RG_LINEAGE_KEPT);
    for (uint32_t n = 0; n < l.steps; n++) {
        const struct rg_lineage_step *step = rg_lineage_get(&l, n);
        assert_non_null(step);
        assert_int_equal(step->stack, n + 1);
        assert_int_equal(step->first_size, n * 10);
        assert_int_equal(step->last_size, n * 10);
        assert_int_equal(step->calls, 1);
    }
    assert_int_equal(l.calls_left_out, 0);
}

static void makes_one_step_of_calls_from_one_place(void **state) {
    (void)state;
    struct rg_lineage l = {0};
    rg_lineage_add(&l, 1, 14);
    for (size_t size = 32; size <= 4096; size *= 2) {
        rg_lineage_add(&l, 2, size);
    }
    rg_lineage_add(&l, 1, 5);
    assert_int_equal(l.steps, 3);
    assert_int_equal(rg_lineage_get(&l, 1)->calls, 8);
    assert_int_equal(rg_lineage_get(&l, 1)->first_size, 32);
    assert_int_equal(rg_lineage_get(&l, 1)->last_size, 4096);
    assert_int_equal(rg_lineage_get(&l, 2)->calls, 1);
}

static void keeps_a_step_of_its_own_apart(void **state) {
    (void)state;
    struct rg_lineage l = {0};
    rg_lineage_add(&l, 1, 40);
    rg_lineage_add(&l, 1, 20);
    rg_lineage_add_step(&l, 1, 10);
    assert_int_equal(l.steps, 2);
    assert_int_equal(rg_lineage_get(&l, 0)->calls, 2);
    assert_int_equal(rg_lineage_get(&l, 1)->calls, 1);
    assert_int_equal(rg_lineage_get(&l, 1)->last_size, 10);
}

static void does_not_take_unknown_places_for_one(void **state) {
    (void)state;
    struct rg_lineage l = {0};
    rg_lineage_add(&l, 0, 1);
    rg_lineage_add(&l, 0, 2);
    assert_int_equal(l.steps, 2);
}

static void leaves_the_middle_of_a_long_life_out(void **state) {
    (void)state;
    enum { STEPS = 1000 };
    struct rg_lineage l = {0};
    size_t calls = 0;
    for (uint32_t n = 0; n < STEPS; n++) {
        for (uint32_t call = 0; call <= n % 3; call++) {
            rg_lineage_add(&l, n + 1, n);
            calls += n >= RG_LINEAGE_KEPT && n + RG_LINEAGE_KEPT < STEPS;
        }
    }
    assert_int_equal(l.steps, STEPS);
    assert_int_equal(l.calls_left_out, calls);
    for (uint32_t n = 0; n < STEPS; n++) {
        const struct rg_lineage_step *step = rg_lineage_get(&l, n);
        if (n < RG_LINEAGE_KEPT || n + RG_LINEAGE_KEPT >= STEPS) {
            assert_int_equal(step->stack, n + 1);
            assert_int_equal(step->calls, n % 3 + 1);
        } else {
            assert_null(step);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_each_step_of_a_short_life),
        cmocka_unit_test(makes_one_step_of_calls_from_one_place),
        cmocka_unit_test(keeps_a_step_of_its_own_apart),
        cmocka_unit_test(does_not_take_unknown_places_for_one),
        cmocka_unit_test(leaves_the_middle_of_a_long_life_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
