// SPDX-License-Identifier: MIT
// Claims about views: from any value to its view, unit and record.
#include "heap/view.h"

#include "base/sys.h"
#include "heap/heap.h"
#include "heap/size_class.h"
#include "support.h"

static struct rg_view *make(size_t unit_bytes, size_t count, size_t slot_offset) {
    struct rg_view *v = rg_view_create(RG_VIEW_SMALL, 3, unit_bytes, count, RG_GRANULE_SIZE);
    assert_non_null(v);
    v->slot_offset = (uint32_t)slot_offset;
    assert_true(rg_view_publish(v));
    return v;
}

static void finds_no_view_for_what_was_never_ours(void) {
    int local;
    void *block = malloc(1);
    struct rg_view *v = make(RG_PAGE_SIZE, 20, 0);
    const uintptr_t values[] = {
        0,
        1,
        (uintptr_t)&local,
        (uintptr_t)block,
        (uintptr_t)&rg_view_create,
        ((uintptr_t)1 << 47) - 1,
        (uintptr_t)1 << 47,
        (uintptr_t)1 << 63,
        (uintptr_t)-1,
        (uintptr_t)-4096,
        v->base | (uintptr_t)1 << 47,
        v->base | (uintptr_t)1 << 63,
        v->base - 1,
        v->base + 2 * RG_GRANULE_SIZE,
    };
    for (size_t i = 0; i < RG_ARRAY_LEN(values); i++) {
        if (rg_view_find(values[i])) {
            fail_msg("found a view for %lx", values[i]);
        }
    }
    uint64_t seed = 3;
    for (int i = 0; i < 1000000; i++) {
        uintptr_t a = next_random(&seed) >> random_below(&seed, 64);
        bool is_inside = a >= v->base && a < v->base + 2 * RG_GRANULE_SIZE;
        require(is_inside || !rg_view_find(a));
    }
    free(block);
}

static void finds_the_view_of_each_of_its_addresses(void) {
    enum { VIEWS = 40 };
    struct rg_view *views[VIEWS];
    for (size_t i = 0; i < VIEWS; i++) {
        views[i] = make((1 + i % 4) * RG_PAGE_SIZE, 1 + i * i, 0);
    }
    for (size_t i = 0; i < VIEWS; i++) {
        const struct rg_view *v = views[i];
        size_t bytes = v->unit_bytes * v->unit_count;
        assert_int_equal(v->base % RG_GRANULE_SIZE, 0);
        for (size_t at = 0; at < bytes; at += 1021) {
            require(rg_view_find(v->base + at) == v);
        }
        assert_ptr_equal(rg_view_find(v->base + bytes - 1), v);
    }
}

static void divides_into_units_of_any_width(void) {
    for (size_t pages = 1; pages <= 9; pages++) {
        size_t unit_bytes = pages * RG_PAGE_SIZE;
        enum { COUNT = 50 };
        struct rg_view *v = make(unit_bytes, COUNT, 0);
        for (size_t at = 0; at < COUNT * unit_bytes; at += 509) {
            require(rg_view_unit(v, v->base + at) == at / unit_bytes);
        }
        for (size_t unit = 0; unit < COUNT; unit++) {
            require(rg_view_block(v, unit) == v->base + unit * unit_bytes);
            require(rg_view_unit(v, v->base + (unit + 1) * unit_bytes - 1) == unit);
        }
        require(rg_view_unit(v, v->base + COUNT * unit_bytes) >= COUNT);
    }
}

static void has_a_record_only_where_a_block_starts(void) {
    struct rg_view *v = make(2 * RG_PAGE_SIZE, 5, 624);
    for (uintptr_t a = v->base; a < v->base + RG_GRANULE_SIZE; a++) {
        size_t unit = (a - v->base) / (2 * RG_PAGE_SIZE);
        bool is_start = unit < 5 && (a - v->base) % (2 * RG_PAGE_SIZE) == 624;
        require(rg_view_record(v, a) == (is_start ? &v->records[unit] : NULL));
    }
    assert_ptr_equal(rg_view_record_at(v->base + 624), v->records);
}

static void ask_for_no_block(void) {
    struct rg_view *v = make(RG_PAGE_SIZE, 5, 0);
    rg_view_record_at(v->base + 8);
}

static void dies_on_a_recorded_address_that_is_no_block(void) {
    assert_dies(ask_for_no_block, "an address in a record is no block");
}

static void starts_with_unused_records(void) {
    struct rg_view *v = make(RG_PAGE_SIZE, 1000, 0);
    for (size_t i = 0; i < 1000; i++) {
        require(rg_head_state(atomic_load(&v->records[i].head)) == RG_BLOCK_UNUSED);
        require(!rg_head_was_used(atomic_load(&v->records[i].head)));
    }
}

static void retires_unless_scratch_pages_lie_in_it(void) {
    struct rg_view *v = make(RG_PAGE_SIZE, 16, 0);
    uintptr_t root = rg_vmem_take_root(RG_GRANULE_SIZE);
    assert_true(rg_vmem_alias(root, RG_GRANULE_SIZE, v->base));
    atomic_store(&v->scratch, 1);
    rg_view_retire(v);
    assert_true(rg_is_readable((void *)v->base, 1));
    assert_int_equal(atomic_load(&v->scratch), 1);
    atomic_store(&v->scratch, 0);
    rg_view_retire(v);
    assert_false(rg_is_readable((void *)v->base, 1));
    assert_false(rg_is_readable((void *)(v->base + RG_GRANULE_SIZE - 1), 1));
    assert_int_equal(atomic_load(&v->scratch), RG_VIEW_RETIRED);
    assert_ptr_equal(rg_view_find(v->base), v);
}

static long page_tables_kb(void) {
    char text[8192];
    assert_true(rg_read_file("/proc/self/status", text, sizeof text) > 0);
    const char *line = strstr(text, "VmPTE:");
    assert_non_null(line);
    return strtol(line + strlen("VmPTE:"), NULL, 10);
}

enum { NEIGHBOURS = 256 << 20 >> RG_GRANULE_SHIFT };

static struct rg_view *views[NEIGHBOURS];

// Views of a granule side by side, each with a page that is there. By the kernel: a sanitizer's notes on what is
// stored would have page tables too.
static void fill_views(void) {
    enum { POPULATE_WRITE = 23 }; // Linux 5.14
    for (int i = 0; i < NEIGHBOURS; i++) {
        views[i] = make(RG_PAGE_SIZE, 16, 0);
        assert_true(rg_vmem_commit(views[i]->base, RG_GRANULE_SIZE));
        long ret = rg_sys3(SYS_madvise, (long)views[i]->base, RG_PAGE_SIZE, POPULATE_WRITE);
        if (ret != 0) {
            skip_isolated("the kernel cannot populate memory");
        }
    }
}

static void retire(struct rg_view *v) {
    assert_true(rg_view_retire(v));
    rg_view_drop_tables(v);
}

static void gives_page_tables_back_when_all_around_is_retired(void) {
    long before = page_tables_kb();
    fill_views();
    long tables = NEIGHBOURS / 32 * 4;
    assert_true(page_tables_kb() - before >= tables / 2);
    for (int i = 0; i < NEIGHBOURS; i += 2) {
        retire(views[i]);
    }
    assert_true(page_tables_kb() - before >= tables / 2);
    for (int i = 1; i < NEIGHBOURS; i += 2) {
        retire(views[i]);
    }
    // Those at both ends may serve other memory too.
    assert_true(page_tables_kb() - before <= tables / 4);
    for (int i = 0; i < NEIGHBOURS; i++) {
        require(rg_view_is_retired(views[i]) && !rg_is_readable((void *)views[i]->base, 1));
    }
}

static void put_a(void *page, void *arg) {
    (void)arg;
    memset(page, 'a', RG_PAGE_SIZE);
}

static void maps_nothing_over_a_scratch_page_or_a_living_view(void) {
    enum { LIVES = 5, PINNED = 10, EACH = 32 }; // one of both in any 2 MiB
    fill_views();
    for (int i = 0; i < NEIGHBOURS; i++) {
        if (i % EACH == LIVES) {
            *(char *)views[i]->base = 1;
        } else {
            retire(views[i]);
        }
        if (i % EACH == PINNED) {
            rg_heap_pin_view(views[i]->base);
            assert_true(rg_vmem_put_scratch(views[i]->base, put_a, NULL));
        }
    }
    for (int i = LIVES; i < NEIGHBOURS; i += EACH) {
        require(*(char *)views[i]->base == 1);
        retire(views[i]);
    }
    for (int i = PINNED; i < NEIGHBOURS; i += EACH) {
        require(*(char *)views[i]->base == 'a');
        rg_heap_reseal_page(views[i]->base);
        require(!rg_is_readable((void *)views[i]->base, 1));
    }
}

static void check_head(size_t size, enum rg_block_state state, enum rg_family family) {
    uint64_t head = rg_head_by(rg_head_make(size, state, family), 0xfffe);
    assert_int_equal(rg_head_size(head), size);
    assert_int_equal(rg_head_state(head), state);
    assert_int_equal(rg_head_family(head), family);
    assert_int_equal(rg_head_thread(head), 0xfffe);
    assert_true(rg_head_was_used(head));
    assert_false(head & RG_HEAD_VACATED);
    head = rg_head_with(head | RG_HEAD_VACATED, RG_BLOCK_MOVED);
    assert_int_equal(rg_head_state(head), RG_BLOCK_MOVED);
    assert_int_equal(rg_head_size(head), size);
    assert_int_equal(rg_head_thread(head), 0xfffe);
    assert_true(head & RG_HEAD_VACATED);
}

static void packs_a_record_without_loss(void) {
    const size_t sizes[] = {0, 1, ((size_t)1 << 39) - 1, (size_t)1 << 39,
                            ((size_t)1 << 47) - RG_PAGE_SIZE};
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        for (int state = RG_BLOCK_UNUSED; state <= RG_BLOCK_RELEASED; state++) {
            for (int family = RG_FAMILY_MALLOC; family <= RG_FAMILY_NEW_ARRAY; family++) {
                check_head(sizes[i], (enum rg_block_state)state, (enum rg_family)family);
            }
        }
    }
    // Of enormous sizes whole pages count.
    uint64_t head = rg_head_make(((size_t)1 << 40) + 1, RG_BLOCK_LIVE, RG_FAMILY_MALLOC);
    assert_int_equal(rg_head_size(head), ((size_t)1 << 40) + RG_PAGE_SIZE);
    uint64_t link = rg_link_make(0x7fffffffff10, 0xfffe);
    assert_int_equal(rg_link_address(link), 0x7fffffffff10);
    assert_int_equal(rg_link_thread(link), 0xfffe);
}

static void tells_who_made_a_block_and_who_ended_it(void) {
    const uint32_t last = (1U << RG_BLOCK_STACK_BITS) - 1;
    uint64_t birth = rg_birth_ended(rg_birth_ended(rg_birth_make(0, last), last), 7);
    assert_int_equal(rg_birth_page(birth), 0);
    assert_int_equal(rg_birth_stack(birth), last);
    assert_int_equal(rg_birth_end_stack(birth), 7);
    birth = rg_birth_ended(rg_birth_make(0x7fffffffff10, 3), last);
    assert_int_equal(rg_birth_page(birth), 0x7ffffffff000);
    assert_int_equal(rg_birth_stack(birth), 0);
    assert_int_equal(rg_birth_end_stack(birth), last);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(finds_no_view_for_what_was_never_ours),
        isolated(finds_the_view_of_each_of_its_addresses),
        isolated(divides_into_units_of_any_width),
        isolated(has_a_record_only_where_a_block_starts),
        isolated(dies_on_a_recorded_address_that_is_no_block),
        isolated(starts_with_unused_records),
        isolated(retires_unless_scratch_pages_lie_in_it),
        isolated(gives_page_tables_back_when_all_around_is_retired),
        isolated(maps_nothing_over_a_scratch_page_or_a_living_view),
        isolated(packs_a_record_without_loss),
        isolated(tells_who_made_a_block_and_who_ended_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
