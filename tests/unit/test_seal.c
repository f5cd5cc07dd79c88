// SPDX-License-Identifier: MIT
// Claims about sealing, for both back ends. Each test begins by choosing one.
#include "heap/seal.h"

#include "base/sys.h"
#include "heap/size_class.h"
#include "support.h"

#include <errno.h>

static void choose_guard(void) {
    if (!rg_seal_init(RG_SEAL_BY_GUARD)) {
        skip_isolated("this kernel has no guard markers on shared memory (Linux 6.15)");
    }
    assert_string_equal(rg_seal_name(), "guard");
}

static void choose_mprotect(void) {
    assert_true(rg_seal_init(RG_SEAL_BY_MPROTECT));
    assert_string_equal(rg_seal_name(), "mprotect");
}

static void map_view(struct rg_view *v) {
    assert_true(rg_vmem_alias(v->root, v->unit_bytes * v->unit_count, v->base));
}

static struct rg_view *make(enum rg_view_kind kind, size_t unit_bytes, size_t count) {
    struct rg_view *v = rg_view_create(kind, 3, unit_bytes, count, RG_GRANULE_SIZE);
    assert_non_null(v);
    assert_true(rg_view_publish(v));
    if (kind == RG_VIEW_SMALL) {
        v->root = rg_vmem_take_root(unit_bytes * count);
        assert_true(v->root != 0);
        map_view(v);
    } else {
        assert_true(rg_vmem_commit(v->base, unit_bytes * count));
    }
    return v;
}

static uintptr_t unit_at(const struct rg_view *v, size_t unit) {
    return v->base + unit * v->unit_bytes;
}

static bool is_open(const struct rg_view *v, size_t unit) {
    bool first = rg_is_readable((void *)unit_at(v, unit), 1);
    bool last = rg_is_readable((void *)(unit_at(v, unit + 1) - 1), 1);
    require(first == last);
    return first;
}

static bool seal(struct rg_view *v, size_t unit) {
    atomic_store(&v->records[unit].head, rg_head_make(1, RG_BLOCK_MOVED, RG_FAMILY_MALLOC));
    return rg_seal_unit(v, unit);
}

static void check_one_unit(void) {
    struct rg_view *v = make(RG_VIEW_SMALL, 2 * RG_PAGE_SIZE, 5);
    memset((void *)unit_at(v, 2), 0x77, v->unit_bytes);
    assert_true(seal(v, 2));
    for (size_t unit = 0; unit < 5; unit++) {
        assert_int_equal(is_open(v, unit), unit != 2);
    }
    const unsigned char *in_root = (const unsigned char *)v->root + 2 * v->unit_bytes;
    for (size_t i = 0; i < v->unit_bytes; i++) {
        require(in_root[i] == 0x77);
    }
    struct rg_seal_stats stats = rg_seal_stats();
    assert_int_equal(stats.sealed, 1);
    assert_int_equal(stats.lapsed, 0);
}

static void seals_one_unit_by_guard(void) {
    choose_guard();
    check_one_unit();
    assert_int_equal(rg_seal_stats().splits, 0);
}

static void seals_one_unit_by_mprotect(void) {
    choose_mprotect();
    check_one_unit();
    assert_int_equal(rg_seal_stats().splits, 2);
}

static void check_private(void) {
    struct rg_view *v = make(RG_VIEW_PAGES, 3 * RG_PAGE_SIZE, 4);
    memset((void *)v->base, 1, 4 * v->unit_bytes);
    assert_true(seal(v, 1));
    assert_true(is_open(v, 0) && !is_open(v, 1) && is_open(v, 2));
    struct rg_view *large = make(RG_VIEW_LARGE, RG_GRANULE_SIZE, 1);
    memset((void *)large->base, 1, RG_GRANULE_SIZE);
    assert_true(seal(large, 0));
    assert_false(is_open(large, 0));
}

static void seals_private_blocks_by_guard(void) {
    choose_guard();
    check_private();
}

static void seals_private_blocks_by_mprotect(void) {
    choose_mprotect();
    check_private();
}

static void tries_which_back_end_works_when_not_told(void) {
    struct rg_view *v = make(RG_VIEW_SMALL, RG_PAGE_SIZE, 4);
    assert_true(seal(v, 1));
    assert_false(is_open(v, 1));
    bool guard_works = rg_seal_init(RG_SEAL_BY_GUARD);
    (void)guard_works;
    assert_true(strcmp(rg_seal_name(), guard_works ? "guard" : "mprotect") == 0);
}

static size_t count_mappings(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    require(maps != NULL);
    size_t lines = 0;
    for (int c = fgetc(maps); c != EOF; c = fgetc(maps)) {
        lines += c == '\n';
    }
    fclose(maps);
    return lines;
}

static void counts_the_mappings_it_splits(void) {
    enum { UNITS = 300 };
    choose_mprotect();
    struct rg_view *v = make(RG_VIEW_SMALL, RG_PAGE_SIZE, UNITS);
    size_t order[UNITS];
    uint64_t seed = 5;
    size_t before = count_mappings();
    for (size_t i = 0; i < UNITS; i++) {
        size_t k = random_below(&seed, i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    for (size_t i = 0; i < UNITS; i++) {
        assert_true(seal(v, order[i]));
        if (i % 20 == 0) {
            long actual = (long)count_mappings() - (long)before;
            assert_in_range((long)rg_seal_stats().splits - actual + 3, 0, 6);
        }
    }
    assert_int_equal(rg_seal_stats().splits, 0);
}

// As a sandbox does once it has been entered.
static void refuse_markers(void) {
    enum { MARKER = 102 };
    refuse_call(SYS_madvise, 2, MARKER, EPERM);
}

static void seals_by_mprotect_within_its_bound_when_markers_are_refused(void) {
    char text[32];
    assert_true(rg_read_file("/proc/sys/vm/max_map_count", text, sizeof text) > 0);
    size_t limit = strtoul(text, NULL, 10);
    choose_guard();
    struct rg_view *v = make(RG_VIEW_SMALL, RG_PAGE_SIZE, limit);
    assert_true(seal(v, 1));
    assert_int_equal(rg_seal_stats().by_mprotect, 0);
    refuse_markers();
    size_t unit = 3;
    while (seal(v, unit)) {
        assert_false(is_open(v, unit));
        require(unit + 2 < limit);
        unit += 2;
    }
    struct rg_seal_stats stats = rg_seal_stats();
    assert_int_equal(stats.by_mprotect, stats.splits_max / 2);
    assert_int_equal(stats.sealed, stats.by_mprotect + 1);
    assert_int_equal(stats.lapsed, 1);
}

static void returns_the_mappings_of_a_view_also_when_markers_were_refused(void) {
    choose_guard();
    struct rg_view *v = make(RG_VIEW_SMALL, RG_PAGE_SIZE, 20);
    refuse_markers();
    for (size_t unit = 1; unit < 9; unit += 2) {
        assert_true(seal(v, unit));
    }
    assert_int_equal(rg_seal_stats().splits, 8);
    rg_seal_forget(v);
    assert_int_equal(rg_seal_stats().splits, 0);
}

static void lapses_before_the_program_runs_short_of_mappings(void) {
    choose_mprotect();
    size_t limit = rg_seal_stats().splits_max;
    assert_true(limit > 0 && limit < (size_t)1 << 20);
    struct rg_view *v = make(RG_VIEW_SMALL, RG_PAGE_SIZE, limit + 100);
    size_t unit = 1;
    while (seal(v, unit)) {
        require(unit + 2 < limit + 100);
        unit += 2;
    }
    struct rg_seal_stats stats = rg_seal_stats();
    assert_true(is_open(v, unit));
    assert_false(is_open(v, unit - 2));
    assert_int_equal(stats.lapsed, 1);
    assert_int_equal(stats.sealed, limit / 2);
    assert_int_equal(stats.first_lapse_at, limit / 2);
    assert_false(seal(v, unit + 2));
    assert_int_equal(rg_seal_stats().lapsed, 2);
    assert_int_equal(rg_seal_stats().first_lapse_at, limit / 2);
    // The program still gets mappings of its own.
    for (int i = 0; i < 1000; i++) {
        uintptr_t at = rg_vmem_reserve(RG_VMEM_OTHER, RG_GRANULE_SIZE, RG_GRANULE_SIZE);
        require(at && rg_vmem_commit(at, RG_PAGE_SIZE));
    }
}

static uintptr_t skipped;

static bool skip_that_page(uintptr_t page_address) {
    return page_address == skipped;
}

// Runs of 0 to 6 units, between single open ones.
static bool is_in_a_run(size_t unit) {
    size_t at = 0;
    for (size_t run = 0;; run = (run + 1) % 7) {
        if (unit < at + run) {
            return true;
        }
        if (unit == at + run) {
            return false;
        }
        at += run + 1;
    }
}

static void check_again(void) {
    enum { UNITS = 200 };
    struct rg_view *v = make(RG_VIEW_SMALL, RG_PAGE_SIZE, UNITS);
    for (size_t unit = 0; unit < UNITS; unit++) {
        if (is_in_a_run(unit)) {
            assert_true(seal(v, unit));
        }
    }
    map_view(v);
    skipped = unit_at(v, 11);
    assert_true(is_in_a_run(11) && is_in_a_run(12) && is_in_a_run(10));
    rg_seal_again(v, skip_that_page);
    for (size_t unit = 0; unit < UNITS; unit++) {
        if (is_open(v, unit) == (is_in_a_run(unit) && unit != 11)) {
            fail_msg("unit %zu", unit);
        }
    }
    assert_int_equal(rg_seal_stats().lapsed, 0);
}

// Of a unit of several pages one page may be left out, whichever.
static void check_again_page_by_page(void) {
    enum { UNITS = 9, PAGES = 4 };
    for (size_t page = 0; page < PAGES; page++) {
        struct rg_view *v = make(RG_VIEW_SMALL, PAGES * RG_PAGE_SIZE, UNITS);
        assert_true(seal(v, 3) && seal(v, 4) && seal(v, 8));
        map_view(v);
        skipped = unit_at(v, 4) + page * RG_PAGE_SIZE;
        rg_seal_again(v, skip_that_page);
        for (size_t i = 0; i < (size_t)UNITS * PAGES; i++) {
            uintptr_t at = v->base + i * RG_PAGE_SIZE;
            size_t unit = i / PAGES;
            bool is_sealed = (unit == 3 || unit == 4 || unit == 8) && at != skipped;
            if (rg_is_readable((void *)at, 1) == is_sealed) {
                fail_msg("page %zu", i);
            }
        }
    }
    assert_int_equal(rg_seal_stats().lapsed, 0);
}

static void seals_runs_again_by_guard(void) {
    choose_guard();
    check_again();
    check_again_page_by_page();
}

static void seals_runs_again_by_mprotect(void) {
    choose_mprotect();
    check_again();
    check_again_page_by_page();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(seals_one_unit_by_guard),
        isolated(seals_one_unit_by_mprotect),
        isolated(seals_private_blocks_by_guard),
        isolated(seals_private_blocks_by_mprotect),
        isolated(tries_which_back_end_works_when_not_told),
        isolated(counts_the_mappings_it_splits),
        isolated(seals_by_mprotect_within_its_bound_when_markers_are_refused),
        isolated(returns_the_mappings_of_a_view_also_when_markers_were_refused),
        isolated(lapses_before_the_program_runs_short_of_mappings),
        isolated(seals_runs_again_by_guard),
        isolated(seals_runs_again_by_mprotect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
