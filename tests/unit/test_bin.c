// SPDX-License-Identifier: MIT
// Claims about bins: every address once, every physical slot at one address at a time.
#include "heap/bin.h"

#include "base/sys.h"
#include "heap/heap.h"
#include "heap/seal.h"
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>

static struct rg_slot take_one(unsigned c) {
    struct rg_slot slot;
    require(rg_bin_take(c, &slot, 1) == 1);
    return slot;
}

static void set_state(const struct rg_slot *slot, enum rg_block_state state) {
    atomic_store(&slot->record->head, rg_head_make(1, state, RG_FAMILY_MALLOC));
}

// What realloc does with the old address.
static void vacate(const struct rg_slot *slot) {
    struct rg_view *v = rg_view_find((uintptr_t)slot->address);
    size_t unit = (size_t)(slot->record - v->records);
    set_state(slot, RG_BLOCK_MOVED);
    require(rg_seal_unit(v, unit));
    rg_bin_vacate(v->size_class, slot, 1);
}

static int by_address(const void *a, const void *b) {
    uintptr_t x = (uintptr_t)((const struct rg_slot *)a)->address;
    uintptr_t y = (uintptr_t)((const struct rg_slot *)b)->address;
    return (x > y) - (x < y);
}

static void check_distinct(unsigned c, size_t count) {
    size_t size = rg_size_classes[c].slot_size;
    struct rg_slot *slots = calloc(count, sizeof *slots);
    require(slots != NULL);
    for (size_t n = 0; n < count;) {
        size_t want = 1 + n % 17;
        size_t got = rg_bin_take(c, slots + n, want < count - n ? want : count - n);
        require(got > 0 && got <= want);
        for (size_t i = n; i < n + got; i++) {
            require(rg_view_record_at((uintptr_t)slots[i].address) == slots[i].record);
            set_state(&slots[i], RG_BLOCK_LIVE);
            memset(slots[i].address, (int)(i % 251), size);
        }
        n += got;
    }
    for (size_t i = 0; i < count; i++) {
        const unsigned char *at = slots[i].address;
        for (size_t k = 0; k < size; k += k + 64 < size ? 61 : 1) {
            require(at[k] == i % 251);
        }
    }
    qsort(slots, count, sizeof *slots, by_address);
    for (size_t i = 1; i < count; i++) {
        uintptr_t before = (uintptr_t)slots[i - 1].address / RG_PAGE_SIZE;
        require((uintptr_t)slots[i].address / RG_PAGE_SIZE != before);
    }
    require(rg_bin_is_valid(c));
    free(slots);
}

static void hands_out_slots_that_overlap_nowhere(void) {
    for (unsigned c = 0; c < RG_CLASSES; c++) {
        size_t count = ((size_t)2 << 20) / rg_size_classes[c].slot_size;
        check_distinct(c, count > 3000 ? 3000 : count < 6 ? 6 : count);
    }
}

static void hands_out_no_address_after_vacate(void) {
    static uintptr_t vacated[20000];
    const unsigned classes[] = {0, 3, 20, 25, RG_SMALL_CLASSES - 1, RG_SMALL_CLASSES};
    for (size_t k = 0; k < RG_ARRAY_LEN(classes); k++) {
        for (size_t i = 0; i < RG_ARRAY_LEN(vacated); i++) {
            struct rg_slot slot = take_one(classes[k]);
            set_state(&slot, RG_BLOCK_LIVE);
            *(char *)slot.address = 1;
            vacated[i] = (uintptr_t)slot.address;
            vacate(&slot);
        }
        for (size_t i = 0; i < RG_ARRAY_LEN(vacated); i += 7) {
            require(!rg_is_readable((void *)vacated[i], 1));
        }
        // Grown or reused, addresses in the arrays are distinct: sort and compare.
        struct rg_slot *sorted = calloc(RG_ARRAY_LEN(vacated), sizeof *sorted);
        require(sorted != NULL);
        for (size_t i = 0; i < RG_ARRAY_LEN(vacated); i++) {
            sorted[i].address = (void *)vacated[i];
        }
        qsort(sorted, RG_ARRAY_LEN(vacated), sizeof *sorted, by_address);
        for (size_t i = 1; i < RG_ARRAY_LEN(vacated); i++) {
            require(sorted[i].address != sorted[i - 1].address);
        }
        free(sorted);
        require(rg_bin_is_valid(classes[k]));
    }
}

// Whether touching the page would be no fault.
static bool is_mapped(int pagemap, const void *p) {
    uint64_t entry = 0;
    off_t at = (off_t)((uintptr_t)p / RG_PAGE_SIZE * sizeof entry);
    require(pread(pagemap, &entry, sizeof entry, at) == sizeof entry);
    return entry >> 63 != 0;
}

static int open_pagemap(void) {
    int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (pagemap < 0) {
        exit(77);
    }
    return pagemap;
}

static struct rg_slot take_live(unsigned c) {
    struct rg_slot slot = take_one(c);
    set_state(&slot, RG_BLOCK_LIVE);
    return slot;
}

static void maps_pages_before_they_are_handed_out(void) {
    enum { SMALL_SPANS_UNITS = 4 + 32, NEW_VIEWS = 16, LIVE = 6000 };
    int pagemap = open_pagemap(), mapped = 0;
    for (int i = 0; i < LIVE; i++) {
        char *p = take_live(RG_CLASSES + 1).address;
        mapped += is_mapped(pagemap, p);
        *p = 1;
    }
    // Small spans get their memory as it is touched.
    assert_int_equal(mapped, LIVE - SMALL_SPANS_UNITS * NEW_VIEWS);
    close(pagemap);
}

static void maps_new_generations_before_they_are_used(void) {
    enum { MOVED = 1500 };
    static struct rg_slot slots[MOVED];
    int pagemap = open_pagemap();
    unsigned c = RG_CLASSES + 2;
    // All slots of the first two spans.
    size_t first = rg_size_classes[c].slots * 4UL, second = rg_size_classes[c].slots * 32UL;
    for (size_t i = 0; i < first + second; i++) {
        struct rg_slot slot = take_live(c);
        *(char *)slot.address = 1;
        slots[i < MOVED ? i : MOVED - 1] = slot;
    }
    for (size_t i = first; i < MOVED; i++) {
        vacate(&slots[i]);
    }
    for (size_t i = first; i < MOVED; i++) {
        assert_true(is_mapped(pagemap, take_live(c).address));
    }
    assert_int_equal(rg_bin_stats().spans, 2);
    close(pagemap);
}

// How many pages of memory there are in a huge page's worth of a view.
static size_t pages_at(uintptr_t at) {
    unsigned char there[RG_HUGE_SIZE / RG_PAGE_SIZE];
    size_t pages = 0;
    require(mincore((void *)at, RG_HUGE_SIZE, there) == 0);
    for (size_t i = 0; i < sizeof there; i++) {
        pages += there[i] & 1;
    }
    return pages;
}

static void gathers_no_memory_before_its_first_slot_is_handed_out(void) {
    const unsigned c = RG_SMALL_CLASSES - 1;
    const size_t all = RG_HUGE_SIZE / RG_PAGE_SIZE;
    const struct rg_view *v;
    do {
        v = rg_view_find((uintptr_t)take_live(c).address);
    } while (v->unit_count < 2 * all);
    assert_int_equal(v->unit_bytes, RG_PAGE_SIZE);
    assert_int_equal(pages_at(v->base + RG_HUGE_SIZE), 0);
    // Where the kernel has huge pages the second one is gathered as the first was.
    bool has_huge_pages = pages_at(v->base) == all;
    struct rg_slot slot;
    do {
        slot = take_live(c);
    } while (slot.record != &v->records[all]);
    assert_int_equal(pages_at(v->base + RG_HUGE_SIZE) == all, has_huge_pages);
}

static size_t root_bytes;

static void add_root(uintptr_t root, size_t bytes) {
    (void)root;
    root_bytes += bytes;
}

static void uses_no_more_memory_in_an_endless_chain_of_moves(void) {
    unsigned c = 10;
    struct rg_slot slot = take_one(c);
    size_t spans = 0;
    for (int i = 0; i < 100000; i++) {
        struct rg_slot next = take_one(c);
        set_state(&next, RG_BLOCK_LIVE);
        *(int *)next.address = i;
        vacate(&slot);
        slot = next;
        if (i == 1000) {
            spans = rg_bin_stats().spans;
        }
    }
    assert_int_equal(rg_bin_stats().spans, spans);
    rg_bin_each_root(add_root);
    assert_true(root_bytes <= (size_t)64 << 10);
    assert_int_equal(*(int *)slot.address, 99999);
}

static void retires_views_whose_units_are_all_sealed(void) {
    unsigned c = 30;
    struct rg_slot slots[64];
    for (size_t i = 0; i < RG_ARRAY_LEN(slots); i++) {
        slots[i] = take_one(c);
        set_state(&slots[i], RG_BLOCK_LIVE);
    }
    assert_int_equal(rg_bin_stats().retired, 0);
    for (size_t i = 0; i < RG_ARRAY_LEN(slots); i++) {
        vacate(&slots[i]);
    }
    assert_true(rg_bin_stats().retired >= 1);
    for (size_t i = 0; i < RG_ARRAY_LEN(slots); i++) {
        const struct rg_view *v = rg_view_find((uintptr_t)slots[i].address);
        assert_int_equal(v->sealed == v->unit_count, atomic_load(&v->scratch) == RG_VIEW_RETIRED);
        assert_false(rg_is_readable(slots[i].address, 1));
    }
    assert_true(rg_bin_is_valid(c));
}

static void retires_a_view_when_its_last_scratch_page_is_gone(void) {
    unsigned c = rg_size_class_for(1000, 1);
    struct rg_slot slots[400];
    for (size_t i = 0; i < RG_ARRAY_LEN(slots); i++) {
        slots[i] = take_one(c);
        set_state(&slots[i], RG_BLOCK_LIVE);
    }
    uintptr_t pages[] = {(uintptr_t)slots[0].address & ~4095UL,
                         (uintptr_t)slots[1].address & ~4095UL};
    struct rg_view *v = rg_view_find(pages[0]);
    assert_ptr_equal(rg_view_find(pages[1]), v);
    rg_heap_pin_view(pages[0]);
    rg_heap_pin_view(pages[1]);
    for (size_t i = 0; i < RG_ARRAY_LEN(slots); i++) {
        vacate(&slots[i]);
    }
    assert_int_equal(v->sealed, v->unit_count);
    rg_heap_reseal_page(pages[0]);
    assert_int_equal(atomic_load(&v->scratch), 1);
    rg_heap_reseal_page(pages[1]);
    assert_int_equal(atomic_load(&v->scratch), RG_VIEW_RETIRED);
    assert_false(rg_is_readable((void *)pages[0], 1) || rg_is_readable((void *)pages[1], 1));
    assert_true(rg_bin_is_valid(c));
}

static void retires_views_beside_a_slot_that_stays(void) {
    unsigned c = rg_size_class_for(1000, 1);
    struct rg_slot slots[16]; // all of the first span; the last four share a view
    for (size_t i = 0; i < RG_ARRAY_LEN(slots); i++) {
        slots[i] = take_one(c);
        set_state(&slots[i], RG_BLOCK_LIVE);
    }
    struct rg_slot *stays = &slots[12];
    memset(stays->address, 'x', 1000);
    set_state(&slots[13], RG_BLOCK_FREE);
    rg_bin_give(c, &slots[13], 1);
    struct rg_slot slot = slots[14];
    for (int i = 0; i < 20000; i++) {
        struct rg_slot next = take_one(c);
        set_state(&next, RG_BLOCK_LIVE);
        memset(next.address, 'y', 1000);
        vacate(&slot);
        slot = next;
    }
    assert_true(rg_bin_stats().views - rg_bin_stats().retired < 50);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(((char *)stays->address)[i], 'x');
    }
    vacate(stays);
    assert_true(rg_bin_is_valid(c));
}

// A few blocks move among many that stay, of a class whose span is hardly used.
static void uses_little_more_memory_where_few_blocks_move(void) {
    enum { LIVE = 2000, MOVES = 6000 };
    static struct rg_slot live[LIVE];
    unsigned c = 24;
    for (size_t i = 0; i < LIVE; i++) {
        live[i] = take_one(c);
        set_state(&live[i], RG_BLOCK_LIVE);
    }
    root_bytes = 0;
    rg_bin_each_root(add_root);
    size_t before = root_bytes;
    for (uint32_t i = 0, random = 1; i < MOVES; i++) {
        random = random * 1664525 + 1013904223;
        struct rg_slot *moved = &live[(random >> 8) % LIVE];
        struct rg_slot next = take_one(c);
        set_state(&next, RG_BLOCK_LIVE);
        vacate(moved);
        *moved = next;
    }
    root_bytes = 0;
    rg_bin_each_root(add_root);
    assert_in_range(root_bytes, before, before * 14 / 10);
    assert_true(rg_bin_stats().views - rg_bin_stats().retired < MOVES / 8);
    assert_true(rg_bin_is_valid(c));
}

// Of many blocks that are freed and allocated anew a few move.
static void leaves_no_view_behind_where_blocks_come_and_go(void) {
    enum { LIVE = 500, ROUNDS = 200000 };
    static struct rg_slot live[LIVE];
    unsigned c = 20;
    for (size_t i = 0; i < LIVE; i++) {
        live[i] = take_one(c);
        set_state(&live[i], RG_BLOCK_LIVE);
    }
    size_t before = rg_bin_stats().views;
    for (uint32_t i = 0, random = 1; i < ROUNDS; i++) {
        random = random * 1664525 + 1013904223;
        struct rg_slot *old = &live[(random >> 8) % LIVE];
        if (i % 20 == 0) {
            vacate(old);
        } else {
            set_state(old, RG_BLOCK_FREE);
            rg_bin_give(c, old, 1);
        }
        *old = take_one(c);
        require(rg_head_state(atomic_load(&old->record->head)) != RG_BLOCK_MOVED);
        set_state(old, RG_BLOCK_LIVE);
        *(uint32_t *)old->address = i;
    }
    struct rg_bin_stats stats = rg_bin_stats();
    assert_true(stats.views > 2 * before);
    assert_in_range(stats.views - stats.retired, 0, before * 5 / 2);
    assert_true(rg_bin_is_valid(c));
}

static void reuses_what_is_given_back(void) {
    unsigned c = 5;
    struct rg_slot first[20], second[20];
    for (size_t i = 0; i < 20; i++) {
        first[i] = take_one(c);
        set_state(&first[i], RG_BLOCK_FREE);
    }
    rg_bin_give(c, first, 20);
    assert_int_equal(rg_bin_free_bytes(c), 20 * rg_size_classes[c].slot_size);
    assert_int_equal(rg_bin_take(c, second, 20), 20);
    assert_int_equal(rg_bin_free_bytes(c), 0);
    qsort(first, 20, sizeof first[0], by_address);
    qsort(second, 20, sizeof second[0], by_address);
    for (size_t i = 0; i < 20; i++) {
        assert_ptr_equal(first[i].address, second[i].address);
        assert_ptr_equal(first[i].record, second[i].record);
    }
}

static void notices_a_live_block_in_its_free_list(void) {
    struct rg_slot slot = take_one(5);
    set_state(&slot, RG_BLOCK_FREE);
    rg_bin_give(5, &slot, 1);
    assert_true(rg_bin_is_valid(5));
    set_state(&slot, RG_BLOCK_LIVE);
    assert_false(rg_bin_is_valid(5));
}

static void notices_a_vacated_unit_that_was_not_counted(void) {
    struct rg_slot slot = take_one(5);
    set_state(&slot, RG_BLOCK_MOVED);
    assert_true(rg_bin_is_valid(5));
    atomic_fetch_or(&slot.record->head, RG_HEAD_VACATED);
    assert_false(rg_bin_is_valid(5));
}

enum { THREADS = 4, CHAIN = 4000 };

static uintptr_t chains[THREADS][CHAIN];

static void *move_on(void *arg) {
    size_t n = (size_t)arg;
    for (size_t i = 0; i < CHAIN; i++) {
        struct rg_slot slot = take_one(7);
        set_state(&slot, RG_BLOCK_LIVE);
        *(size_t *)slot.address = n << 32 | i;
        chains[n][i] = (uintptr_t)slot.address;
        require(*(size_t *)slot.address == (n << 32 | i));
        if (i % 3 == 0) {
            set_state(&slot, RG_BLOCK_FREE);
            chains[n][i] = 0;
            rg_bin_give(7, &slot, 1);
        } else {
            vacate(&slot);
        }
    }
    return NULL;
}

static int by_value(const void *a, const void *b) {
    uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;
    return (x > y) - (x < y);
}

static void hands_out_no_vacated_address_to_another_thread(void) {
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        require(pthread_create(&threads[i], NULL, move_on, (void *)i) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    uintptr_t *all = &chains[0][0];
    size_t count = sizeof chains / sizeof *all;
    qsort(all, count, sizeof *all, by_value);
    for (size_t i = 1; i < count; i++) {
        require(all[i] == 0 || all[i] != all[i - 1]);
    }
    assert_true(rg_bin_is_valid(7));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(hands_out_slots_that_overlap_nowhere),
        isolated(hands_out_no_address_after_vacate),
        isolated(maps_pages_before_they_are_handed_out),
        isolated(maps_new_generations_before_they_are_used),
        isolated(gathers_no_memory_before_its_first_slot_is_handed_out),
        isolated(uses_no_more_memory_in_an_endless_chain_of_moves),
        isolated(retires_views_whose_units_are_all_sealed),
        isolated(retires_a_view_when_its_last_scratch_page_is_gone),
        isolated(retires_views_beside_a_slot_that_stays),
        isolated(uses_little_more_memory_where_few_blocks_move),
        isolated(leaves_no_view_behind_where_blocks_come_and_go),
        isolated(reuses_what_is_given_back),
        isolated(notices_a_live_block_in_its_free_list),
        isolated(notices_a_vacated_unit_that_was_not_counted),
        isolated(hands_out_no_vacated_address_to_another_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
