// SPDX-License-Identifier: MIT
// Claims about freed memory that is kept for reuse: how much, which, and that it is counted exactly.
#include "heap/reuse.h"

#include "base/vmem.h"
#include "heap/size_class.h"
#include "heap/usual.h"
#include "support.h"

#include <pthread.h>
#include <sys/mman.h>

static const size_t MIB = (size_t)1 << 20;
static const struct rg_origin SOMEWHERE = {.stack = 11, .thread = 1};

enum { BLOCKS = 400 };

static struct block {
    char *p;
    size_t size;
} blocks[BLOCKS];

static char *allocate(size_t size, bool zero) {
    char *p = rg_heap_alloc(NULL, size, 16, RG_FAMILY_MALLOC, zero, SOMEWHERE);
    require(p != NULL);
    return p;
}

static void end(void *p) {
    require(rg_heap_free(NULL, p, SOMEWHERE) == RG_OK);
}

static char *resize(void *p, size_t size, bool move) {
    struct rg_resize how = {.size = size, .move = move, .origin = SOMEWHERE};
    void *q;
    require(rg_heap_resize(NULL, p, &how, &q) == RG_OK);
    return q;
}

// How much of a block is backed by memory.
static size_t resident(const struct block *b) {
    static unsigned char pages[64 << 8];
    size_t count = (b->size + RG_PAGE_SIZE - 1) / RG_PAGE_SIZE;
    size_t bytes = 0;
    require(count <= sizeof pages);
    if (mincore(b->p, b->size, pages) != 0) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        bytes += (pages[i] & 1) * (size_t)RG_PAGE_SIZE;
    }
    return bytes;
}

static size_t resident_of_all(void) {
    size_t bytes = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        bytes += resident(&blocks[i]);
    }
    return bytes;
}

// Blocks of every class of pages and some that are large, about 110 MiB, all written to.
static void fill(void) {
    for (size_t i = 0; i < BLOCKS; i++) {
        unsigned c = RG_SMALL_CLASSES + (unsigned)i % (RG_CLASSES - RG_SMALL_CLASSES + 1);
        size_t size = c < RG_CLASSES ? rg_size_classes[c].slot_size : 3 * MIB / 2;
        blocks[i] = (struct block){allocate(size, false), size};
        memset(blocks[i].p, 0xee, size);
    }
}

static void end_all(void) {
    for (size_t i = 0; i < BLOCKS; i++) {
        end(blocks[i].p);
    }
}

static void keeps_little_of_whatever_was_freed(void) {
    for (int round = 0; round < 5; round++) {
        fill();
        size_t in_use = resident_of_all();
        assert_true(in_use > 80 * MIB);
        assert_int_equal(atomic_load(&rg_reuse.in_use), in_use);
        end_all();
        assert_int_equal(atomic_load(&rg_reuse.in_use), 0);
        size_t kept = atomic_load(&rg_reuse.kept);
        assert_in_range(kept, RG_REUSE_LEAST_BYTES / 2, RG_REUSE_LEAST_BYTES);
        // The large block that was freed last comes on top.
        assert_in_range(resident_of_all(), kept, kept + 3 * MIB / 2);
        assert_true(rg_heap_is_valid());
    }
}

static void keeps_a_part_of_what_is_in_use(void) {
    fill();
    struct block live = {allocate(60 * MIB, false), 60 * MIB};
    end_all();
    assert_in_range(atomic_load(&rg_reuse.kept), 12 * MIB, 15 * MIB);
    end(live.p);
    end(allocate(5000, false));
    assert_true(atomic_load(&rg_reuse.kept) <= RG_REUSE_LEAST_BYTES);
}

static void keeps_what_was_freed_last(void) {
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = (struct block){allocate(100000, false), 100000};
        memset(blocks[i].p, 0xee, 100000);
    }
    end_all();
    size_t whole = rg_align_up(100000, RG_PAGE_SIZE);
    size_t last = 0;
    while (last < BLOCKS && resident(&blocks[BLOCKS - 1 - last]) == whole) {
        last++;
    }
    assert_int_equal(resident_of_all(), last * whole);
    assert_in_range(last, 30, 90);
    for (size_t i = 0; i < BLOCKS; i++) {
        char *p = allocate(100000, false);
        assert_true(i >= last || p == blocks[BLOCKS - 1 - i].p);
    }
}

static void clears_kept_and_dropped_memory_alike(void) {
    static const char zeros[3 << 19];
    fill();
    end_all();
    for (size_t i = 0; i < BLOCKS; i++) {
        char *p = allocate(blocks[i].size, true);
        assert_memory_equal(p, zeros, blocks[i].size);
    }
}

static void keeps_a_buffer_that_comes_and_goes(void) {
    struct block buffer = {allocate(20 * MIB, false), 20 * MIB};
    memset(buffer.p, 0xee, buffer.size);
    for (int i = 0; i < 10; i++) {
        end(buffer.p);
        fill();
        end_all();
        // Another large one was freed after it, and took its place.
        assert_int_equal(resident(&buffer), 0);
        buffer.p = allocate(buffer.size, false);
        memset(buffer.p, 0xee, buffer.size);
        end(buffer.p);
        end(allocate(5000, false));
        assert_int_equal(resident(&buffer), buffer.size);
        assert_ptr_equal(allocate(buffer.size, false), buffer.p);
    }
}

// What cannot be dropped must not count, or it would be looked for at each free.
static void bounds_the_rest_beside_a_large_block(void) {
    struct block first = {allocate(6 * MIB, false), 6 * MIB};
    memset(first.p, 0xee, first.size);
    char *last = allocate(2 * MIB, false);
    end(first.p);
    end(last);
    assert_ptr_equal(allocate(2 * MIB, false), last);
    assert_int_equal(atomic_load(&rg_reuse.kept), 0);
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = (struct block){allocate(70000, false), 70000};
        memset(blocks[i].p, 0xee, blocks[i].size);
    }
    end_all();
    assert_true(resident_of_all() <= RG_REUSE_LEAST_BYTES);
    assert_int_equal(resident(&first), first.size);
    assert_false(rg_reuse_is_too_much());
}

static void counts_what_moves_and_grows(void) {
    static const size_t sizes[] = {5000,    900000,   2 * MIB, 3 * MIB, 3 * MIB + 1,
                                   2 * MIB, 50 * MIB, 1,       70000,   33 * MIB};
    for (int move = 0; move <= 1; move++) {
        char *p = allocate(10000, false);
        for (size_t i = 0; i < RG_ARRAY_LEN(sizes); i++) {
            p = resize(p, sizes[i], move != 0);
            size_t in_use = atomic_load(&rg_reuse.in_use);
            assert_in_range(in_use, sizes[i] > RG_SMALL_MAX ? sizes[i] : 0, sizes[i] * 2 + 70000);
        }
        end(p);
        assert_int_equal(atomic_load(&rg_reuse.in_use), 0);
        struct rg_resize release = {.release = true, .origin = SOMEWHERE};
        void *none;
        assert_int_equal(rg_heap_resize(NULL, allocate(2 * MIB, false), &release, &none), RG_OK);
        assert_int_equal(rg_heap_resize(NULL, allocate(9000, false), &release, &none), RG_OK);
        assert_int_equal(atomic_load(&rg_reuse.in_use), 0);
    }
}

enum { THREADS = 4, HELD = 60, ROUNDS = 3000 };

// Allocates and frees blocks of all sizes, each of them filled with a byte of its own at both ends.
static void *churn(void *arg) {
    struct block held[HELD] = {0};
    uint32_t random = (uint32_t)(uintptr_t)arg;
    for (int i = 0; i < ROUNDS; i++) {
        random = random * 1664525 + 1013904223;
        struct block *b = &held[(random >> 8) % HELD];
        char byte = (char)((uintptr_t)b >> 3);
        if (b->p) {
            require(b->p[0] == byte && b->p[b->size - 1] == byte);
            end(b->p);
        }
        size_t size = (size_t)4096 + (random >> 4) % (random % 50 ? 300000 : 2000000);
        *b = (struct block){allocate(size, i % 2 != 0), size};
        require(i % 2 == 0 || (b->p[0] == 0 && b->p[size - 1] == 0));
        b->p[0] = b->p[size - 1] = byte;
    }
    for (size_t i = 0; i < HELD; i++) {
        if (held[i].p) {
            end(held[i].p);
        }
    }
    return NULL;
}

static void holds_among_threads(void) {
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        require(pthread_create(&threads[i], NULL, churn, (void *)(i + 1)) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(atomic_load(&rg_reuse.in_use), 0);
    assert_true(atomic_load(&rg_reuse.kept) <= RG_REUSE_LEAST_BYTES);
    assert_true(rg_heap_is_valid());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(keeps_little_of_whatever_was_freed),
        isolated(keeps_a_part_of_what_is_in_use),
        isolated(keeps_what_was_freed_last),
        isolated(clears_kept_and_dropped_memory_alike),
        isolated(keeps_a_buffer_that_comes_and_goes),
        isolated(bounds_the_rest_beside_a_large_block),
        isolated(counts_what_moves_and_grows),
        isolated(holds_among_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
