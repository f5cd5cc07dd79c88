// SPDX-License-Identifier: MIT
// Claims about large blocks.
#include "heap/large.h"

#include "base/arena.h"
#include "base/sys.h"
#include "heap/seal.h"
#include "support.h"

#include <stdio.h>
#include <sys/resource.h>

static const size_t MIB = (size_t)1 << 20;

static struct rg_view *view_of(const struct rg_slot *slot) {
    return rg_view_find((uintptr_t)slot->address);
}

static struct rg_slot take(size_t size, size_t align, bool *ret_zeroed) {
    struct rg_slot slot;
    require(rg_large_take(size, align, &slot, ret_zeroed));
    require((uintptr_t)slot.address % align == 0);
    require(rg_view_record_at((uintptr_t)slot.address) == slot.record);
    require(rg_large_capacity(view_of(&slot)) >= size);
    return slot;
}

static void end(const struct rg_slot *slot) {
    atomic_store(&slot->record->head, rg_head_make(1, RG_BLOCK_FREE, RG_FAMILY_MALLOC));
    rg_large_give(view_of(slot));
}

static void honours_every_alignment(void) {
    for (size_t align = 1; align <= 64 * MIB; align *= 2) {
        bool zeroed;
        struct rg_slot one = take(1, align, &zeroed);
        struct rg_slot two = take(3 * MIB + 5, align, &zeroed);
        *(char *)one.address = 1;
        ((char *)two.address)[3 * MIB + 4] = 2;
        if (align % 4 == 0) {
            end(&one);
            end(&two);
        }
    }
}

static void reuses_the_addresses_of_freed_blocks(void) {
    bool zeroed;
    struct rg_slot first = take(2 * MIB, 1, &zeroed);
    end(&first);
    struct rg_slot second = take(2 * MIB - 100, 1, &zeroed);
    assert_ptr_equal(second.address, first.address);
    end(&second);
    // Beyond what is kept with its memory too.
    struct rg_slot huge = take(100 * MIB, 1, &zeroed);
    memset(huge.address, 1, MIB);
    end(&huge);
    assert_false(rg_is_readable(huge.address, 1));
    struct rg_slot again = take(100 * MIB, 1, &zeroed);
    assert_ptr_equal(again.address, huge.address);
    assert_true(zeroed);
    assert_int_equal(*(char *)again.address, 0);
}

static bool is_zero(const struct rg_slot *slot, size_t size) {
    const char *at = slot->address;
    return at[0] == 0 && memcmp(at, at + 1, size - 1) == 0;
}

// Blocks of random sizes that come and go: after a while nearly all are at addresses that were freed.
static void takes_hardly_any_new_addresses_in_steady_state(void) {
    enum { LIVE = 20, COUNT = 20000 };
    struct rg_slot live[LIVE] = {0};
    uint64_t seed = 1;
    size_t used = 0;
    for (int i = 0; i < 2 * COUNT; i++) {
        struct rg_slot *slot = &live[random_below(&seed, LIVE)];
        bool zeroed;
        if (slot->address) {
            end(slot);
        }
        *slot = take(MIB + random_below(&seed, 3 * MIB), 1, &zeroed);
        used = i == COUNT ? rg_arena_used() : used;
    }
    assert_true(rg_arena_used() - used < 4096);
}

static void says_truly_whether_memory_is_zeroed(void) {
    uint64_t seed = 9;
    int reused = 0;
    for (int i = 0; i < 60; i++) {
        bool zeroed;
        size_t size = MIB + random_below(&seed, 2 * MIB);
        struct rg_slot slot = take(size, 1, &zeroed);
        if (zeroed) {
            require(is_zero(&slot, size));
        } else {
            reused++;
        }
        memset(slot.address, 0xee, rg_large_capacity(view_of(&slot)));
        end(&slot);
    }
    assert_true(reused > 0);
}

static unsigned char byte_at(size_t offset) {
    return (unsigned char)(offset / 4096 * 31 + 7);
}

static void check_bytes(const struct rg_slot *slot, size_t from, size_t to) {
    const unsigned char *at = slot->address;
    for (size_t i = from; i < to; i += 509) {
        require(at[i] == byte_at(i));
    }
    require(from == to || at[to - 1] == byte_at(to - 1));
}

static void fill_bytes(const struct rg_slot *slot, size_t from, size_t to) {
    unsigned char *at = slot->address;
    for (size_t i = from; i < to; i++) {
        at[i] = byte_at(i);
    }
}

// Goes on in a block of `size` bytes; returns whether its pages were taken over.
static bool move_on(struct rg_slot *slot, size_t old_size, size_t size) {
    struct rg_slot next;
    struct rg_view *old = view_of(slot);
    bool zeroed;
    bool over = rg_large_take_over(old, size, size % 3 * MIB, &next);
    if (!over) {
        next = take(size, 1, &zeroed);
        memcpy(next.address, slot->address, old_size < size ? old_size : size);
    }
    atomic_store(&slot->record->head, rg_head_make(1, RG_BLOCK_MOVED, RG_FAMILY_MALLOC));
    require(rg_seal_unit(old, 0));
    require(!rg_is_readable(slot->address, 1));
    require(!rg_is_readable((char *)slot->address + old_size - 1, 1));
    *slot = next;
    return over;
}

static void keeps_contents_over_growths_and_shrinks(void) {
    uint64_t seed = 11;
    bool zeroed;
    size_t size = 2 * MIB;
    int taken_over = 0;
    struct rg_slot slot = take(size, 1, &zeroed);
    fill_bytes(&slot, 0, size);
    for (int i = 0; i < 120; i++) {
        size_t next = MIB + 1 + random_below(&seed, 5 * MIB);
        bool over = move_on(&slot, size, next);
        taken_over += over;
        check_bytes(&slot, 0, size < next ? size : next);
        if (over && next > size) {
            // The rest of the last page kept is old; all beyond is new.
            size_t first_new = rg_align_up(size, RG_PAGE_SIZE);
            for (size_t k = first_new; k < next; k += 509) {
                require(((unsigned char *)slot.address)[k] == 0);
            }
        }
        fill_bytes(&slot, size < next ? size : next, next);
        size = next;
    }
    assert_true(taken_over > 60);
}

static long count_faults(void) {
    struct rusage usage;
    require(getrusage(RUSAGE_SELF, &usage) == 0);
    return usage.ru_minflt;
}

// Also natively a buffer that is read into by small pieces hardly ever has to be copied. Pages that are moved meet
// no fault; those that are new, or were copied, do.
static void grows_by_small_steps_without_copying_all_each_time(void) {
    bool zeroed;
    size_t size = 2 * MIB;
    require(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0);
    struct rg_slot slot = take(size, 1, &zeroed);
    fill_bytes(&slot, 0, size);
    long faults = count_faults();
    for (int i = 0; i < 300; i++) {
        size_t next = size + RG_PAGE_SIZE * (1 + (size_t)i % 5);
        assert_true(move_on(&slot, size, next));
        fill_bytes(&slot, size, next);
        size = next;
    }
    faults = count_faults() - faults;
    // Of 900 pages that were added each may have been copied some times, the 512 at the start never. A sanitizer's
    // own memory meets faults as well.
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
    assert_in_range(faults, 900, 900 * 10);
#endif
    check_bytes(&slot, 0, size);
}

static void extends_a_block_where_it_is(void) {
    bool zeroed;
    struct rg_slot slot = take(2 * MIB, 1, &zeroed), next;
    fill_bytes(&slot, 0, 2 * MIB);
    struct rg_view *old = view_of(&slot);
    require(rg_large_take_over(old, 3 * MIB, 2 * MIB, &next));
    require(rg_seal_unit(old, 0));
    assert_false(rg_is_readable((char *)next.address + 3 * MIB, 1));
    for (size_t size = 3 * MIB + 1; size <= 5 * MIB; size += 100000) {
        size_t had = rg_large_capacity(view_of(&next));
        assert_true(rg_large_extend(view_of(&next), size));
        assert_true(rg_large_capacity(view_of(&next)) >= size);
        for (size_t i = had; i < size; i += 509) {
            require(((unsigned char *)next.address)[i] == 0);
        }
        fill_bytes(&next, 2 * MIB, size);
    }
    check_bytes(&next, 0, 5 * MIB - 100000);
    assert_false(rg_large_extend(view_of(&next), 20 * MIB));
    // It is moved whole, what was added at several times too.
    old = view_of(&next);
    require(rg_large_take_over(old, 5 * MIB, 0, &slot));
    require(rg_seal_unit(old, 0));
    check_bytes(&slot, 0, 5 * MIB - 100000);
    end(&slot);
}

static void uses_any_freed_addresses_where_no_others_can_be_had(void) {
    bool zeroed;
    struct rg_slot slot = take(900 * MIB, 1, &zeroed);
    end(&slot);
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    require(f && fscanf(f, "%ld", &pages) == 1);
    fclose(f);
    struct rlimit limit = {(rlim_t)pages * RG_PAGE_SIZE + 8 * MIB, RLIM_INFINITY};
    require(setrlimit(RLIMIT_AS, &limit) == 0);
    struct rg_slot none;
    assert_false(rg_large_take(2000 * MIB, 1, &none, &zeroed));
    // Addresses that are reserved already serve while they last.
    int reused = 0;
    for (int i = 0; i < 400 && !reused; i++) {
        struct rg_slot small;
        reused = rg_large_take(20 * MIB, 1, &small, &zeroed) && small.address == slot.address;
    }
    limit.rlim_cur = RLIM_INFINITY;
    require(setrlimit(RLIMIT_AS, &limit) == 0);
    assert_true(reused);
}

static void keeps_contents_of_aligned_blocks(void) {
    bool zeroed;
    struct rg_slot slot = take(5000, 16 * MIB, &zeroed);
    fill_bytes(&slot, 0, 5000);
    assert_true(rg_large_capacity(view_of(&slot)) >= 5000);
    move_on(&slot, 5000, 3 * MIB);
    check_bytes(&slot, 0, 5000);
    move_on(&slot, 3 * MIB, 1);
    check_bytes(&slot, 0, 1);
}

static void ends_edges_where_memory_ends(void) {
    static const size_t sizes[] = {0, 1, 16, 17, 100, 4096, 4097, 40000};
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        struct rg_slot slot;
        assert_true(rg_large_take_edge(sizes[i], 0, &slot));
        struct rg_view *v = view_of(&slot);
        size_t capacity = rg_large_capacity(v);
        assert_true(rg_large_is_edge(v));
        assert_true(capacity >= sizes[i] && capacity <= sizes[i] + 16);
        assert_int_equal((uintptr_t)slot.address % 16, 0);
        assert_ptr_equal(rg_view_record_at((uintptr_t)slot.address), slot.record);
        char *behind = (char *)slot.address + capacity;
        assert_true(rg_is_readable(behind - 1, 1));
        assert_false(rg_is_readable(behind, 1));
        assert_true(rg_large_is_behind(v, (uintptr_t)behind));
        assert_false(rg_large_is_behind(v, (uintptr_t)behind - 1));
        assert_false(rg_large_extend(v, capacity + 1));
        end(&slot);
    }
    struct rg_slot slot;
    assert_false(rg_large_take_edge(MIB, 0, &slot));
}

static void makes_so_many_edges_and_no_more(void) {
    enum { MOST = 8 };
    struct rg_slot slots[MOST], slot;
    rg_large_edges_max = MOST;
    for (int round = 0; round < 100; round++) {
        for (size_t i = 0; i < MOST; i++) {
            assert_true(rg_large_take_edge(1 + i * 17, 0, &slots[i]));
            memset(slots[i].address, 1, 1 + i * 17);
        }
        assert_false(rg_large_take_edge(1, 0, &slot));
        for (size_t i = 0; i < MOST; i++) {
            end(&slots[i]);
        }
    }
    // Of other sizes.
    for (size_t i = 0; i < MOST / 2; i++) {
        assert_true(rg_large_take_edge(2000 + i * 17, 0, &slot));
        end(&slot);
    }
    // Those that are moved away are gone for ever, and there is an end to that.
    int moved = 0;
    while (rg_large_take_edge(5, 0, &slot) && moved < 10000) {
        struct rg_view *v = view_of(&slot);
        atomic_store(&slot.record->head, rg_head_make(1, RG_BLOCK_MOVED, RG_FAMILY_MALLOC));
        require(rg_seal_unit(v, 0));
        rg_large_vacated(v);
        moved++;
    }
    assert_in_range(moved, 1, 2 * MOST);
}

static void keeps_a_page_behind_each_block(void) {
    for (size_t size = MIB; size < 40 * MIB; size += MIB / 2) {
        bool zeroed;
        struct rg_slot slot = take(size, 1, &zeroed);
        uintptr_t behind = (uintptr_t)slot.address + rg_large_capacity(view_of(&slot));
        assert_false(rg_is_readable((const void *)behind, 1));
        assert_ptr_equal(rg_view_find(behind), view_of(&slot));
        assert_true(rg_view_unit(view_of(&slot), behind) == 0);
    }
}

static void answers_no_when_there_is_no_memory(void) {
    struct rg_slot slot;
    bool zeroed;
    assert_false(rg_large_take((size_t)1 << 47, 1, &slot, &zeroed));
    assert_false(rg_large_take((size_t)1 << 62, 1, &slot, &zeroed));
    slot = take(2 * MIB, 1, &zeroed);
    fill_bytes(&slot, 0, 2 * MIB);
    struct rg_slot next;
    assert_false(rg_large_take_over(view_of(&slot), (size_t)1 << 47, 0, &next));
    check_bytes(&slot, 0, 2 * MIB);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(honours_every_alignment),
        isolated(reuses_the_addresses_of_freed_blocks),
        isolated(takes_hardly_any_new_addresses_in_steady_state),
        isolated(says_truly_whether_memory_is_zeroed),
        isolated(keeps_contents_over_growths_and_shrinks),
        isolated(grows_by_small_steps_without_copying_all_each_time),
        isolated(extends_a_block_where_it_is),
        isolated(uses_any_freed_addresses_where_no_others_can_be_had),
        isolated(keeps_contents_of_aligned_blocks),
        isolated(ends_edges_where_memory_ends),
        isolated(makes_so_many_edges_and_no_more),
        isolated(keeps_a_page_behind_each_block),
        isolated(answers_no_when_there_is_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
