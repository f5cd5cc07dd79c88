// SPDX-License-Identifier: MIT
// Claims about the heap's facade: what each call answers, and what is known of an address afterwards.
#include "heap/usual.h"

#include "base/lock.h"
#include "base/sys.h"
#include "heap/mobility.h"
#include "heap/seal.h"
#include "heap/size_class.h"
#include "support.h"

#include <errno.h>
#include <sys/resource.h>

static const struct rg_origin ALLOCATED = {.stack = 11, .thread = 1};
static const struct rg_origin MOVED = {.stack = 22, .thread = 2};
static const struct rg_origin ENDED = {.stack = 33, .thread = 3};

// One size of every class, and large ones.
static const size_t sizes[] = {1,    100,   300,   1000,   1500,   2048,    2049,    5000,
                               9000, 40000, 70000, 200000, 900000, 1048576, 1048577, 5000000};

static char *allocate(size_t size) {
    void *p = rg_heap_alloc(NULL, size, 16, RG_FAMILY_MALLOC, false, ALLOCATED);
    require(p != NULL);
    return p;
}

static enum rg_status end(void *p) {
    return rg_heap_free(NULL, p, ENDED);
}

static enum rg_status resize(void *p, size_t size, bool move, char **ret_new) {
    struct rg_resize how = {.size = size, .move = move, .origin = MOVED};
    void *q = NULL;
    enum rg_status status = rg_heap_resize(NULL, p, &how, &q);
    *ret_new = q;
    return status;
}

static char *move_to(void *p, size_t size) {
    char *q;
    require(resize(p, size, true, &q) == RG_OK);
    require(q != p);
    return q;
}

static void release(void *p) {
    struct rg_resize how = {.release = true, .origin = MOVED};
    void *q = p;
    require(rg_heap_resize(NULL, p, &how, &q) == RG_OK);
    require(q == NULL);
}

static struct rg_block_facts describe(const void *p) {
    struct rg_block_facts facts;
    require(rg_heap_describe((uintptr_t)p, &facts));
    return facts;
}

// What each call answers for p.
static void check_status(void *p, enum rg_status expected) {
    size_t size;
    char *q;
    assert_int_equal(end(p), expected);
    assert_int_equal(resize(p, 10, true, &q), expected);
    assert_int_equal(resize(p, 10, false, &q), expected);
    assert_int_equal(rg_heap_size(p, &size), expected);
}

static void knows_a_double_free(void) {
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        char *p = allocate(sizes[i]);
        assert_int_equal(end(p), RG_OK);
        check_status(p, RG_ALREADY_FREE);
    }
}

static void knows_what_realloc_has_moved(void) {
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        char *p = allocate(sizes[i]);
        char *q = move_to(p, sizes[i] + 1);
        check_status(p, RG_STALE);
        assert_true(rg_heap_is_stale((uintptr_t)p));
        assert_false(rg_heap_is_stale((uintptr_t)q));
        assert_false(rg_is_readable(p, 1));
        assert_true(rg_is_readable(q, sizes[i] + 1));
        assert_int_equal(end(q), RG_OK);
        check_status(p, RG_STALE);
        assert_false(rg_is_readable(p, 1));
    }
}

static void knows_what_is_no_start_of_a_block(void) {
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        char *p = allocate(sizes[i]);
        check_status(p + 1, RG_INTERIOR);
        check_status(p + 16, RG_INTERIOR);
        size_t size;
        assert_int_equal(rg_heap_size(p, &size), RG_OK);
        assert_int_equal(size, sizes[i]);
    }
    // The neighbouring unit's start, where nothing was allocated yet.
    char *p = allocate(1000);
    check_status(p + RG_PAGE_SIZE, RG_INTERIOR);
    check_status(p + 1, RG_INTERIOR);
}

static void knows_what_was_never_ours(void) {
    int local = 0;
    char *libc = malloc(10);
    allocate(10);
    check_status(&local, RG_FOREIGN);
    check_status(libc, RG_FOREIGN);
    check_status((void *)8, RG_FOREIGN);
    check_status((void *)-1L, RG_FOREIGN);
    check_status((void *)(1UL << 47), RG_FOREIGN);
    struct rg_block_facts facts;
    assert_false(rg_heap_describe((uintptr_t)&local, &facts));
    assert_false(rg_heap_is_stale((uintptr_t)libc));
    free(libc);
}

static void keeps_contents_over_every_kind_of_move(void) {
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        for (size_t k = 0; k < RG_ARRAY_LEN(sizes); k++) {
            char *p = allocate(sizes[i]);
            size_t common = sizes[i] < sizes[k] ? sizes[i] : sizes[k];
            for (size_t at = 0; at < sizes[i]; at++) {
                p[at] = (char)(at * 7 + i);
            }
            char *q = move_to(p, sizes[k]);
            for (size_t at = 0; at < common; at++) {
                require(q[at] == (char)(at * 7 + i));
            }
            assert_int_equal(end(q), RG_OK);
        }
    }
    assert_true(rg_heap_is_valid());
}

static void stays_in_place_where_it_fits_and_may(void) {
    char *p = allocate(100);
    char *q;
    memset(p, 5, 100);
    assert_int_equal(resize(p, 112, false, &q), RG_OK);
    assert_ptr_equal(q, p);
    assert_int_equal(resize(p, 1, false, &q), RG_OK);
    assert_ptr_equal(q, p);
    assert_int_equal(p[0], 5);
    size_t size;
    assert_int_equal(rg_heap_size(p, &size), RG_OK);
    assert_int_equal(size, 1);
    assert_int_equal(rg_heap_stats().in_place, 2);
    assert_int_equal(rg_heap_stats().moves, 0);
    assert_int_equal(resize(p, 113, false, &q), RG_OK);
    assert_ptr_not_equal(q, p);
    assert_int_equal(rg_heap_stats().moves, 1);
    check_status(p, RG_STALE);
    // A large block that shrinks to less than half gives memory back.
    p = allocate(3 << 20);
    assert_int_equal(resize(p, 2 << 20, false, &q), RG_OK);
    assert_ptr_equal(q, p);
    assert_int_equal(resize(p, 1 << 20, false, &q), RG_OK);
    assert_ptr_not_equal(q, p);
}

// What a block is given to grow on may be more than half of its place, where that is a whole page.
static void moves_seldom_what_grows_by_single_bytes(void) {
    for (size_t first = 1; first < RG_PAGE_SIZE; first += 50) {
        size_t before = rg_heap_stats().moves;
        char *p = allocate(first);
        for (size_t size = first + 1; size <= 2 * RG_PAGE_SIZE; size++) {
            require(resize(p, size, false, &p) == RG_OK);
        }
        assert_in_range(rg_heap_stats().moves - before, 1, 12);
    }
}

// Each of these outgrows the room that it is given at 600 bytes, which lies in a larger class.
static void keeps_blocks_apart_that_outgrow_their_room(void) {
    struct rg_tcache *t = rg_tcache_create();
    static const size_t steps[] = {600, 1200, 2400};
    bool is_apart = false;
    for (int round = 0; round < 100; round++) {
        void *p = rg_heap_alloc(t, 300, 16, RG_FAMILY_MALLOC, false, ALLOCATED);
        require(p != NULL);
        for (size_t i = 0; i < RG_ARRAY_LEN(steps); i++) {
            struct rg_resize how = {.size = steps[i], .origin = MOVED};
            require(rg_heap_resize(t, p, &how, &p) == RG_OK);
            if (how.ret_moved_class < RG_SMALL_CLASSES) {
                rg_mobility_note_move(MOVED.site, how.ret_moved_class);
            }
            if (steps[i] == 600) {
                is_apart = rg_size_class_is_mobile(rg_view_find((uintptr_t)p)->size_class);
            }
        }
        require(rg_heap_free(t, p, ENDED) == RG_OK);
    }
    assert_true(is_apart);
}

static void keeps_its_room_in_a_move_that_need_not_be(void) {
    struct rg_resize how = {.size = 500, .move = true, .origin = {.may_be_roomy = 1}};
    char *p, *q = NULL;
    require(resize(allocate(100), 500, false, &p) == RG_OK);
    require(rg_heap_resize(NULL, p, &how, (void **)&q) == RG_OK && q != p);
    require(resize(q, 700, false, &p) == RG_OK && p == q);
}

static long count_faults(void) {
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_minflt;
}

// Views are made all the time here, and each page of theirs is first touched for a block of its own.
static void touches_many_pages_of_a_view_by_one_fault(void) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip_isolated("the sanitizer's shadow memory has faults of its own");
#endif
    enum { MOVES = 4000 };
    char *p = allocate(40);
    long before = count_faults();
    for (int i = 0; i < MOVES; i++) {
        p = move_to(p, 40);
        *p = 1;
    }
    assert_in_range(count_faults() - before, 1, MOVES / 2);
}

static void releases_and_seals(void) {
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        char *p = allocate(sizes[i]);
        release(p);
        check_status(p, RG_STALE);
        assert_int_equal(describe(p).state, RG_BLOCK_RELEASED);
        assert_int_equal(describe(p).end_stack, MOVED.stack);
        assert_false(rg_is_readable(p, 1));
    }
}

static void leaves_a_block_as_it_was_when_memory_is_short(void) {
    char *p = allocate(100);
    memset(p, 9, 100);
    char *q;
    assert_int_equal(resize(p, (size_t)1 << 47, true, &q), RG_NO_MEMORY);
    assert_int_equal(resize(p, PTRDIFF_MAX, false, &q), RG_NO_MEMORY);
    assert_null(rg_heap_alloc(NULL, PTRDIFF_MAX, 16, RG_FAMILY_MALLOC, false, ALLOCATED));
    assert_int_equal(p[99], 9);
    assert_int_equal(describe(p).state, RG_BLOCK_LIVE);
    assert_int_equal(end(p), RG_OK);
}

static void tells_the_lineage_of_a_block(void) {
    char *p = rg_heap_alloc(NULL, 40, 16, RG_FAMILY_NEW_ARRAY, false, ALLOCATED);
    char *q = move_to(p, 50);
    char *r = move_to(q, 6000);
    struct rg_block_facts facts = describe(p + 39);
    assert_int_equal(facts.address, (uintptr_t)p);
    assert_int_equal(facts.size, 40);
    assert_int_equal(facts.state, RG_BLOCK_MOVED);
    assert_int_equal(facts.family, RG_FAMILY_NEW_ARRAY);
    assert_int_equal(facts.moved_from, 0);
    assert_int_equal(facts.moved_to, (uintptr_t)q);
    assert_int_equal(facts.alloc_stack, ALLOCATED.stack);
    assert_int_equal(facts.alloc_thread, ALLOCATED.thread);
    assert_int_equal(facts.end_stack, MOVED.stack);
    assert_int_equal(facts.end_thread, MOVED.thread);
    assert_int_equal(facts.fate, RG_FATE_LIVE);
    assert_int_equal(facts.unit, (uintptr_t)p & ~(uintptr_t)(RG_PAGE_SIZE - 1));
    assert_int_equal(facts.unit_bytes, RG_PAGE_SIZE);
    facts = describe(q);
    assert_int_equal(facts.moved_from, (uintptr_t)p);
    assert_int_equal(facts.moved_to, (uintptr_t)r);
    assert_int_equal(facts.alloc_stack, MOVED.stack);
    facts = describe(r);
    assert_int_equal(facts.moved_from, (uintptr_t)q);
    assert_int_equal(facts.moved_to, 0);
    assert_int_equal(facts.state, RG_BLOCK_LIVE);
    assert_int_equal(facts.family, RG_FAMILY_NEW_ARRAY);
    assert_int_equal(facts.size, 6000);
}

static void tells_the_fate_of_a_moved_block(void) {
    char *p = allocate(40);
    char *q = move_to(p, 50);
    assert_int_equal(describe(p).fate, RG_FATE_LIVE);
    assert_int_equal(end(q), RG_OK);
    struct rg_block_facts facts = describe(p);
    assert_int_equal(facts.fate, RG_FATE_FREED);
    assert_int_equal(facts.fate_stack, ENDED.stack);
    assert_int_equal(facts.fate_thread, ENDED.thread);
    // What is allocated at the address of the freed block has nothing to do with it.
    char *again = allocate(50);
    assert_ptr_equal(again, q);
    assert_int_equal(describe(again).moved_from, 0);
    assert_int_equal(describe(again).fate, RG_FATE_LIVE);
    assert_int_equal(end(again), RG_OK);
    assert_int_equal(describe(p).fate, RG_FATE_FREED);
}

static void describes_the_whole_unit_of_a_block(void) {
    char *p = allocate(100);
    uintptr_t unit = describe(p).unit;
    struct rg_block_facts facts;
    for (size_t at = 0; at < RG_PAGE_SIZE; at += 37) {
        assert_true(rg_heap_describe(unit + at, &facts));
        assert_int_equal(facts.address, (uintptr_t)p);
    }
    assert_false(rg_heap_describe(unit + RG_PAGE_SIZE, &facts));
    move_to(p, 200);
    assert_true(rg_heap_is_stale(unit));
    assert_true(rg_heap_is_stale(unit + RG_PAGE_SIZE - 1));
    assert_false(rg_heap_is_stale(unit + RG_PAGE_SIZE));
}

static void remembers_what_a_vacated_page_held(void) {
    static char page[RG_PAGE_SIZE];
    char *p = allocate(100);
    memset(p, 'a', 100);
    char *q = move_to(p, 200);
    q[0] = 'b';
    uintptr_t unit = describe(p).unit;
    rg_heap_old_contents(unit, page);
    // The physical slot is untouched still: the old bytes, not those of the block as it is today.
    char *old = page + ((uintptr_t)p - unit);
    for (size_t i = 0; i < 100; i++) {
        require(old[i] == 'a');
    }
    require(old[100] == 0 && page[RG_PAGE_SIZE - 1] == 0);
}

// Moves blocks of the size until the slot that p had has a new block in it. Returns how many
// generations later that is.
static int use_the_slot_again(const char *p, size_t size) {
    for (int i = 0; i < 100000; i++) {
        const struct rg_view *v = rg_view_find((uintptr_t)p);
        size_t unit = rg_view_unit(v, (uintptr_t)p);
        for (int later = 1; (v = atomic_load(&v->newer)) != NULL; later++) {
            if (rg_head_was_used(atomic_load(&v->records[unit].head))) {
                return later;
            }
        }
        memset(move_to(allocate(size), size), 'z', size);
    }
    fail_msg("the slot was never used again");
    return 0;
}

static void falls_back_to_the_block_where_it_is_today(void) {
    static char page[RG_PAGE_SIZE];
    char *p = allocate(1000);
    memset(p, 'a', 1000);
    char *q = move_to(p, 5000);
    q[0] = 'b';
    use_the_slot_again(p, 1000);
    uintptr_t unit = describe(p).unit;
    rg_heap_old_contents(unit, page);
    const char *old = page + ((uintptr_t)p - unit);
    assert_int_equal(old[0], 'b');
    assert_int_equal(old[999], 'a');
    // And to nothing, when that has ended too.
    assert_int_equal(end(q), RG_OK);
    memset(page, 0, sizeof page);
    rg_heap_old_contents(unit, page);
    assert_int_equal(old[0], 0);
}

static void knows_a_slot_that_comes_back_generations_later(void) {
    static char page[RG_PAGE_SIZE];
    enum { FILL_A_SPAN = 16 };
    char *blocks[FILL_A_SPAN];
    for (int i = 0; i < FILL_A_SPAN; i++) {
        blocks[i] = allocate(1000);
    }
    // One of the last view, which stays while the rest of it lives through many generations.
    char *p = blocks[FILL_A_SPAN - 4];
    memset(p, 'a', 1000);
    assert_int_equal(end(blocks[FILL_A_SPAN - 1]), RG_OK);
    char *moving = blocks[FILL_A_SPAN - 2];
    for (int i = 0; i < 1000; i++) {
        moving = move_to(moving, 1000);
    }
    char *q = move_to(p, 5000);
    q[0] = 'b';
    assert_true(use_the_slot_again(p, 1000) > 100);
    uintptr_t unit = describe(p).unit;
    rg_heap_old_contents(unit, page);
    const char *old = page + ((uintptr_t)p - unit);
    assert_int_equal(old[0], 'b');
    assert_int_equal(old[999], 'a');
}

static void finds_large_contents_where_they_are_today(void) {
    static char page[RG_PAGE_SIZE];
    char *p = allocate(5 << 20);
    memset(p, 'x', 5 << 20);
    char *q = move_to(p, 6 << 20);
    memset(q + RG_PAGE_SIZE, 'y', RG_PAGE_SIZE);
    rg_heap_old_contents((uintptr_t)p + RG_PAGE_SIZE, page);
    assert_int_equal(page[0], 'y');
    assert_int_equal(page[RG_PAGE_SIZE - 1], 'y');
}

static void clears_what_calloc_hands_out_again(void) {
    struct rg_tcache *t = rg_tcache_create();
    for (size_t size = 1; size <= (size_t)6 << 20; size += size / 5 + 1) {
        for (int round = 0; round < 3; round++) {
            char *p = rg_heap_alloc(t, size, 16, RG_FAMILY_MALLOC, true, ALLOCATED);
            require(p != NULL && p[0] == 0 && memcmp(p, p + 1, size - 1) == 0);
            memset(p, 0xee, size);
            require(rg_heap_free(t, p, ENDED) == RG_OK);
        }
        // Through a new generation of a view as well: the address is new, the memory is not.
        for (int round = 0; round < (size < 10000 ? 200 : 4); round++) {
            char *p = rg_heap_alloc(t, size, 16, RG_FAMILY_MALLOC, true, ALLOCATED);
            require(p != NULL && p[0] == 0 && memcmp(p, p + 1, size - 1) == 0);
            memset(p, 0xee, size);
            release(p);
        }
    }
    assert_true(rg_heap_is_valid());
}

static void aligns_as_asked(void) {
    for (size_t align = 1; align <= (size_t)8 << 20; align *= 2) {
        for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
            char *p = rg_heap_alloc(NULL, sizes[i], align, RG_FAMILY_MALLOC, i % 2 == 0, ALLOCATED);
            require(p != NULL && (uintptr_t)p % align == 0);
            p[0] = 1;
            p[sizes[i] - 1] = 1;
            if (align & 0x555555) {
                require(end(p) == RG_OK);
            }
        }
    }
}

static void changes_the_family_of_live_blocks_only(void) {
    char *p = allocate(10);
    rg_heap_set_family(p, RG_FAMILY_NEW);
    assert_int_equal(describe(p).family, RG_FAMILY_NEW);
    assert_int_equal(describe(p).size, 10);
    end(p);
    rg_heap_set_family(p, RG_FAMILY_NEW_ARRAY);
    rg_heap_set_family(p + 1, RG_FAMILY_NEW_ARRAY);
    assert_int_equal(describe(p).family, RG_FAMILY_NEW);
    assert_int_equal(describe(p).state, RG_BLOCK_FREE);
}

static void counts_moves_that_could_not_be_sealed_as_lapsed(void) {
    rg_seal_init(RG_SEAL_BY_MPROTECT);
    size_t most = rg_seal_stats().splits_max;
    char *p = NULL;
    // Every second block of a view moves, which costs two mappings each.
    for (size_t i = 0; rg_seal_stats().lapsed == 0; i++) {
        require(i < 2 * most);
        char *q = allocate(4000);
        if (i % 2) {
            p = q;
            move_to(q, 10);
        }
    }
    // Its address ends like that of a freed block, and nothing leads there any more.
    check_status(p, RG_ALREADY_FREE);
    assert_true(rg_is_readable(p, 1));
    assert_true(rg_heap_is_valid());
}

// As a sandbox does once it has been entered: no view can be opened.
static void refuse_new_views(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mremap, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    enter_sandbox(filter, RG_ARRAY_LEN(filter));
}

// A block that is likely to move has a bin of its own. Where that has nothing, the other's cache comes first: to
// fill it again would lose what is in it.
static void takes_what_is_cached_for_blocks_that_stay(void) {
    enum { COUNT = 8, SIZE = 40, SITE = 5 };
    struct rg_tcache *t = rg_tcache_create();
    char *p[COUNT];
    for (int i = 0; i < COUNT; i++) {
        p[i] = rg_heap_alloc(t, SIZE, 16, RG_FAMILY_MALLOC, false, ALLOCATED);
        require(p[i] != NULL);
    }
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(rg_heap_free(t, p[i], ENDED), RG_OK);
    }
    unsigned c = rg_size_class_for(SIZE, 16);
    for (int i = 0; i < 100; i++) {
        rg_mobility_note_move(SITE, c);
    }
    struct rg_origin mobile = {.stack = 11, .thread = 1, .site = SITE};
    refuse_new_views();
    for (int i = COUNT; i-- > 0;) {
        assert_ptr_equal(rg_heap_alloc(t, SIZE, 16, RG_FAMILY_MALLOC, false, mobile), p[i]);
    }
}

static bool skip_nothing(uintptr_t page_address) {
    (void)page_address;
    return false;
}

static char *kept[RG_ARRAY_LEN(sizes)], *vacated[RG_ARRAY_LEN(sizes)];

static struct rg_tcache *cache;
static char *alone;

static char *move_by_cache(char *p) {
    struct rg_resize how = {.size = 700, .move = true, .origin = MOVED};
    void *q;
    require(rg_heap_resize(cache, p, &how, &q) == RG_OK);
    return q;
}

static void be_the_child(void) {
    rg_vmem_snapshot_adopt();
    rg_heap_fork_restore(skip_nothing);
    rg_lock_reset_all();
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        require(kept[i][0] == (char)i && kept[i][sizes[i] - 1] == (char)i);
        require(!rg_is_readable(vacated[i], 1));
        check_status(vacated[i], RG_STALE);
        memset(kept[i], 'c', sizes[i]);
        require(end(move_to(kept[i], sizes[i] + 1)) == RG_OK);
        require(!rg_is_readable(kept[i], 1));
    }
    require(!rg_is_readable(alone, 1));
    check_status(alone, RG_STALE);
    char *p = rg_heap_alloc(cache, 700, 16, RG_FAMILY_MALLOC, false, ALLOCATED);
    for (int i = 0; i < 100; i++) {
        p = move_by_cache(p);
    }
    rg_tcache_flush(cache);
    require(rg_heap_is_valid());
}

static void gives_a_forked_child_a_heap_of_its_own(void) {
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        vacated[i] = allocate(sizes[i]);
        memset(vacated[i], (int)i, sizes[i]);
        kept[i] = move_to(vacated[i], sizes[i]);
    }
    // A cache has not told the bins of this one yet.
    cache = rg_tcache_create();
    alone = rg_heap_alloc(cache, 700, 16, RG_FAMILY_MALLOC, false, ALLOCATED);
    require(alone != NULL);
    move_by_cache(alone);
    rg_lock_all();
    assert_true(rg_vmem_snapshot_begin());
    rg_heap_fork_copy();
    rg_vmem_snapshot_end();
    assert_int_equal(run_in_child(be_the_child, -1), 0);
    rg_vmem_snapshot_drop();
    rg_unlock_all();
    for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
        assert_int_equal(kept[i][0], (char)i);
        assert_int_equal(kept[i][sizes[i] - 1], (char)i);
        assert_int_equal(end(kept[i]), RG_OK);
        check_status(vacated[i], RG_STALE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(knows_a_double_free),
        isolated(knows_what_realloc_has_moved),
        isolated(knows_what_is_no_start_of_a_block),
        isolated(knows_what_was_never_ours),
        isolated(keeps_contents_over_every_kind_of_move),
        isolated(stays_in_place_where_it_fits_and_may),
        isolated(moves_seldom_what_grows_by_single_bytes),
        isolated(keeps_blocks_apart_that_outgrow_their_room),
        isolated(keeps_its_room_in_a_move_that_need_not_be),
        isolated(touches_many_pages_of_a_view_by_one_fault),
        isolated(releases_and_seals),
        isolated(leaves_a_block_as_it_was_when_memory_is_short),
        isolated(tells_the_lineage_of_a_block),
        isolated(tells_the_fate_of_a_moved_block),
        isolated(describes_the_whole_unit_of_a_block),
        isolated(remembers_what_a_vacated_page_held),
        isolated(falls_back_to_the_block_where_it_is_today),
        isolated(knows_a_slot_that_comes_back_generations_later),
        isolated(finds_large_contents_where_they_are_today),
        isolated(clears_what_calloc_hands_out_again),
        isolated(aligns_as_asked),
        isolated(changes_the_family_of_live_blocks_only),
        isolated(counts_moves_that_could_not_be_sealed_as_lapsed),
        isolated(takes_what_is_cached_for_blocks_that_stay),
        isolated(gives_a_forked_child_a_heap_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
