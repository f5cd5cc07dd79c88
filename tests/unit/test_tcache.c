// SPDX-License-Identifier: MIT
// Claims about thread caches.
#include "heap/tcache.h"

#include "heap/seal.h"
#include "support.h"

#include <sys/mman.h>

static struct rg_tcache *t;

static struct rg_slot take(unsigned c) {
    struct rg_slot slot;
    require(rg_tcache_take(t, c, &slot) || rg_tcache_refill(t, c, &slot) > 0);
    atomic_store(&slot.record->head, rg_head_make(1, RG_BLOCK_LIVE, RG_FAMILY_MALLOC));
    return slot;
}

static void give(unsigned c, struct rg_slot slot) {
    atomic_store(&slot.record->head, rg_head_make(1, RG_BLOCK_FREE, RG_FAMILY_MALLOC));
    rg_tcache_give(t, c, slot);
}

// What realloc does with the old address.
static void vacate(unsigned c, struct rg_slot slot) {
    struct rg_view *v = rg_view_find((uintptr_t)slot.address);
    atomic_store(&slot.record->head, rg_head_make(1, RG_BLOCK_MOVED, RG_FAMILY_MALLOC));
    require(rg_seal_unit(v, (size_t)(slot.record - v->records)));
    rg_tcache_vacate(t, c, slot);
}

static void add_sealed(struct rg_view *v, void *sum) {
    *(size_t *)sum += v->sealed;
}

// Vacated units that the bins know of.
static size_t count_known(void) {
    size_t sum = 0;
    rg_bin_each_view(add_sealed, &sum);
    return sum;
}

static size_t count_cached(unsigned c) {
    return c < RG_TCACHE_CLASSES ? t->bins[c].count : 0;
}

static void begin(void) {
    t = rg_tcache_create();
    assert_non_null(t);
}

static void hands_out_the_slot_freed_last(void) {
    begin();
    struct rg_slot a = take(4), b = take(4);
    assert_ptr_not_equal(a.address, b.address);
    give(4, a);
    give(4, b);
    assert_ptr_equal(take(4).address, b.address);
    assert_ptr_equal(take(4).address, a.address);
}

static void hands_out_fresh_slots_in_address_order(void) {
    begin();
    uintptr_t base = (uintptr_t)take(0).address;
    const struct rg_view *v = rg_view_find(base);
    for (size_t i = 1; i < v->unit_count; i++) {
        assert_int_equal((uintptr_t)take(0).address, base + i * RG_PAGE_SIZE);
    }
}

static void keeps_no_more_than_its_capacity(void) {
    enum { COUNT = 200 };
    static struct rg_slot slots[COUNT];
    begin();
    for (unsigned c = 0; c < RG_CLASSES; c += 3) {
        size_t held = c < 60 ? COUNT : 12;
        for (size_t i = 0; i < held; i++) {
            slots[i] = take(c);
            for (size_t k = 0; k < i; k++) {
                require(slots[k].address != slots[i].address);
            }
            require(count_cached(c) <= (c < RG_TCACHE_CLASSES ? t->bins[c].capacity : 0));
        }
        for (size_t i = 0; i < held; i++) {
            give(c, slots[i]);
            require(count_cached(c) <= (c < RG_TCACHE_CLASSES ? t->bins[c].capacity : 0));
        }
        // Every slot is free once: here or in the bin.
        size_t in_bin = rg_bin_free_bytes(c) / rg_size_classes[c].slot_size;
        require(in_bin + count_cached(c) >= held);
        require(rg_bin_is_valid(c));
    }
}

static void gives_everything_back_when_flushed(void) {
    begin();
    struct rg_slot slots[40];
    for (size_t i = 0; i < 40; i++) {
        slots[i] = take(6);
    }
    for (size_t i = 0; i < 40; i++) {
        give(6, slots[i]);
    }
    size_t all = rg_bin_free_bytes(6) / rg_size_classes[6].slot_size + count_cached(6);
    rg_tcache_flush(t);
    assert_int_equal(count_cached(6), 0);
    assert_int_equal(rg_bin_free_bytes(6), all * rg_size_classes[6].slot_size);
    assert_true(rg_bin_is_valid(6));
    take(6);
}

static void tells_the_bin_of_many_vacated_units_at_once(void) {
    enum { COUNT = 5 * RG_TCACHE_VACATED / 2 };
    struct rg_slot slots[COUNT];
    begin();
    for (size_t i = 0; i < COUNT; i++) {
        slots[i] = take(6);
    }
    for (size_t i = 0; i < COUNT; i++) {
        vacate(6, slots[i]);
        assert_int_equal(count_known() + t->bins[6].vacated_count, i + 1);
        assert_int_equal(count_known() % RG_TCACHE_VACATED, 0);
    }
    assert_true(count_known() < COUNT);
    rg_tcache_flush(t);
    assert_int_equal(count_known(), COUNT);
    assert_true(rg_bin_is_valid(6));
    rg_tcache_flush(t);
    assert_int_equal(count_known(), COUNT);
}

static void uses_vacated_slots_before_it_takes_more_memory(void) {
    begin();
    for (unsigned c = 0; c < RG_SMALL_CLASSES; c += 2) {
        size_t spans = rg_bin_stats().spans;
        struct rg_slot slot = take(c);
        for (int i = 0; i < 300; i++) {
            struct rg_slot next = take(c);
            vacate(c, slot);
            slot = next;
        }
        assert_int_equal(rg_bin_stats().spans, spans + 1);
        assert_true(rg_bin_is_valid(c));
    }
}

static void has_memory_for_blocks_of_a_page(void) {
    unsigned char resident;
    void *page =
        mmap(NULL, RG_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (madvise(page, RG_PAGE_SIZE, MADV_POPULATE_WRITE)) {
        skip_isolated("MADV_POPULATE_WRITE needs Linux 5.14");
    }
    begin();
    const unsigned c = RG_SMALL_CLASSES;
    while (t->bins[c].count < 3) {
        *(char *)take(c).address = 1;
    }
    for (unsigned i = 0; i < t->bins[c].count; i++) {
        assert_int_equal(mincore(t->bins[c].slots[i].address, RG_PAGE_SIZE, &resident), 0);
        assert_int_equal(resident & 1, 1);
    }
}

static void goes_straight_to_the_bin_without_a_cache(void) {
    t = NULL;
    struct rg_slot slot = take(6);
    give(6, slot);
    assert_int_equal(rg_bin_free_bytes(6), rg_size_classes[6].slot_size);
    assert_ptr_equal(take(6).address, slot.address);
    vacate(6, slot);
    assert_int_equal(count_known(), 1);
    begin();
    slot = take(RG_TCACHE_CLASSES);
    give(RG_TCACHE_CLASSES, slot);
    assert_int_equal(rg_bin_free_bytes(RG_TCACHE_CLASSES),
                     rg_size_classes[RG_TCACHE_CLASSES].slot_size);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(hands_out_the_slot_freed_last),
        isolated(hands_out_fresh_slots_in_address_order),
        isolated(keeps_no_more_than_its_capacity),
        isolated(gives_everything_back_when_flushed),
        isolated(tells_the_bin_of_many_vacated_units_at_once),
        isolated(uses_vacated_slots_before_it_takes_more_memory),
        isolated(has_memory_for_blocks_of_a_page),
        isolated(goes_straight_to_the_bin_without_a_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
