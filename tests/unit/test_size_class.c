// SPDX-License-Identifier: MIT
// Claims about the size classes, for every size there is.
#include "heap/size_class.h"

#include "base/vmem.h"
#include "support.h"

static const size_t MOST = (size_t)RG_PAGES_MAX * RG_PAGE_SIZE;

static void gives_every_size_the_smallest_class_that_fits(void **state) {
    (void)state;
    unsigned smallest = 0;
    for (size_t size = 0; size <= MOST; size++) {
        while (rg_size_classes[smallest].slot_size < size) {
            smallest++;
        }
        if (rg_size_class_for(size, 1) != smallest) {
            fail_msg("size %zu got class %u, not %u", size, rg_size_class_for(size, 1), smallest);
        }
    }
    assert_int_equal(smallest, RG_CLASSES - 1);
}

static void gives_no_class_beyond_the_last(void **state) {
    (void)state;
    assert_int_equal(rg_size_class_for(MOST + 1, 1), RG_NO_CLASS);
    assert_int_equal(rg_size_class_for(PTRDIFF_MAX, 1), RG_NO_CLASS);
    assert_int_equal(rg_size_class_for(1, 2 * RG_PAGE_SIZE), RG_NO_CLASS);
    assert_int_equal(rg_size_class_for(0, (size_t)1 << 30), RG_NO_CLASS);
}

static void orders_classes_by_size(void **state) {
    (void)state;
    for (unsigned c = 1; c < RG_CLASSES; c++) {
        assert_true(rg_size_classes[c].slot_size > rg_size_classes[c - 1].slot_size);
    }
    assert_int_equal(rg_size_classes[RG_SMALL_CLASSES - 1].slot_size, RG_SMALL_MAX);
    assert_int_equal(rg_size_classes[RG_CLASSES - 1].slot_size, MOST);
}

static void wastes_at_most_an_eighth_in_small_slots(void **state) {
    (void)state;
    for (size_t size = 129; size <= RG_SMALL_MAX; size++) {
        size_t slot = rg_size_classes[rg_size_class_for(size, 1)].slot_size;
        assert_true((slot - size) * 8 <= slot);
    }
    for (size_t size = 1; size <= 128; size++) {
        assert_true(rg_size_classes[rg_size_class_for(size, 1)].slot_size - size < 16);
    }
}

static void wastes_at_most_an_eighth_beyond_whole_pages(void **state) {
    (void)state;
    for (size_t pages = 1; pages <= RG_PAGES_MAX; pages++) {
        size_t has = rg_size_classes[rg_size_class_for(pages * RG_PAGE_SIZE, 1)].slot_size;
        assert_true((has / RG_PAGE_SIZE - pages) * 8 <= pages);
    }
}

static void leaves_little_of_a_unit_over(void **state) {
    (void)state;
    for (unsigned c = 0; c < RG_CLASSES; c++) {
        struct rg_size_class sc = rg_size_classes[c];
        assert_int_equal(sc.unit_bytes % RG_PAGE_SIZE, 0);
        assert_true((size_t)sc.slots * sc.slot_size <= sc.unit_bytes);
        size_t left = sc.unit_bytes - (size_t)sc.slots * sc.slot_size;
        assert_true(left * 8 <= sc.unit_bytes);
        assert_true(left < sc.slot_size);
        if (!rg_size_class_is_small(c)) {
            assert_int_equal(sc.slots, 1);
            assert_int_equal(left, 0);
        }
    }
}

// Whether every slot of the class starts at a multiple of align.
static bool is_aligned(unsigned c, size_t align) {
    return rg_size_classes[c].unit_bytes % align == 0 &&
           (rg_size_classes[c].slots == 1 || rg_size_classes[c].slot_size % align == 0);
}

static void honours_alignment_with_the_smallest_class(void **state) {
    (void)state;
    for (size_t align = 1; align <= RG_PAGE_SIZE; align *= 2) {
        for (size_t size = 0; size <= 20000; size++) {
            unsigned smallest = 0;
            while (rg_size_classes[smallest].slot_size < size || !is_aligned(smallest, align)) {
                smallest++;
            }
            if (rg_size_class_for(size, align) != smallest) {
                fail_msg("size %zu, alignment %zu: class %u, not %u", size, align,
                         rg_size_class_for(size, align), smallest);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_every_size_the_smallest_class_that_fits),
        cmocka_unit_test(gives_no_class_beyond_the_last),
        cmocka_unit_test(orders_classes_by_size),
        cmocka_unit_test(wastes_at_most_an_eighth_in_small_slots),
        cmocka_unit_test(wastes_at_most_an_eighth_beyond_whole_pages),
        cmocka_unit_test(leaves_little_of_a_unit_over),
        cmocka_unit_test(honours_alignment_with_the_smallest_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
