// SPDX-License-Identifier: MIT
// Claims about the memory of records: what is given back reads as zero; packed ones' goes and is never handed out again,
// that of others is used again.
#include "heap/record_memory.h"

#include "base/arena.h"
#include "base/sys.h"
#include "base/vmem.h"
#include "support.h"

#include <sys/resource.h>

enum { PIECES = 3000 };

static char *pieces[PIECES];
static size_t sizes[PIECES];

static void take_all(uint64_t *seed) {
    for (size_t i = 0; i < PIECES; i++) {
        sizes[i] = i % 100 == 0 ? 300000 : 1 + random_below(seed, 6000);
        pieces[i] = rg_record_memory_take((enum rg_records_form)(i % 2), sizes[i]);
        require(pieces[i] && (uintptr_t)pieces[i] % 8 == 0);
        for (size_t at = 0; at < sizes[i]; at++) {
            require(pieces[i][at] == 0);
        }
        memset(pieces[i], (int)(1 + i % 100), sizes[i]);
    }
}

static bool holds(size_t i, int byte) {
    for (size_t at = 0; at < sizes[i]; at++) {
        if (pieces[i][at] != byte) {
            return false;
        }
    }
    return true;
}

static void gives_pages_back_that_nothing_else_lies_in(void) {
    uint64_t seed = 5;
    take_all(&seed);
    for (size_t i = 0; i < PIECES; i += 2) {
        rg_record_memory_give(pieces[i], sizes[i]);
    }
    for (size_t i = 1; i < PIECES; i += 2) {
        require(holds(i, (int)(1 + i % 100)));
        rg_record_memory_give(pieces[i], sizes[i]);
    }
    for (size_t i = 0; i < PIECES; i++) {
        require(holds(i, 0));
    }
}

static void hands_out_no_address_again(void) {
    uint64_t seed = 6;
    static char *before[PIECES];
    take_all(&seed);
    memcpy(before, pieces, sizeof before);
    for (size_t i = 0; i < PIECES; i++) {
        rg_record_memory_give(pieces[i], sizes[i]);
    }
    take_all(&seed);
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t j = 0; j < PIECES; j++) {
            require(pieces[i] + sizes[i] <= before[j] || pieces[i] > before[j]);
        }
    }
}

static size_t resident_pages(void) {
    char text[100];
    require(rg_read_file("/proc/self/statm", text, sizeof text) > 0);
    return strtoul(strchr(text, ' '), NULL, 10);
}

// Views of a few sizes that come and go in any order.
static void uses_cyclic_memory_again(void) {
    uint64_t seed = 7;
    size_t before = 0;
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < PIECES; i++) {
            if (pieces[i] && random_below(&seed, 2) == 0) {
                rg_record_memory_give_cyclic(pieces[i], sizes[i], true);
                pieces[i] = NULL;
            }
            if (!pieces[i]) {
                sizes[i] = 96 * (1 + random_below(&seed, 4) * 8);
                pieces[i] = rg_record_memory_take_cyclic(sizes[i]);
                require(pieces[i] && holds(i, 0));
                memset(pieces[i], (int)(1 + i % 100), sizes[i]);
            }
        }
        before = round == 20 ? resident_pages() : before;
    }
    for (size_t i = 0; i < PIECES; i++) {
        require(holds(i, (int)(1 + i % 100)));
    }
    assert_in_range(resident_pages(), 0, before * 11 / 10);
}

static void uses_no_memory_again_that_may_be_written_to(void) {
    char *p = rg_record_memory_take_cyclic(1000);
    rg_record_memory_give_cyclic(p, 1000, false);
    char *q = rg_record_memory_take_cyclic(1000);
    assert_ptr_not_equal(p, q);
    // The queue hands the oldest out first.
    char *r = rg_record_memory_take_cyclic(1000);
    rg_record_memory_give_cyclic(q, 1000, true);
    rg_record_memory_give_cyclic(r, 1000, true);
    assert_ptr_equal(rg_record_memory_take_cyclic(1000), q);
    assert_ptr_equal(rg_record_memory_take_cyclic(1000), r);
}

static void keeps_little_cyclic_memory(void) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip_isolated("the sanitizer's own memory counts, too");
#endif
    enum { SIZE = 3072 };
    for (size_t i = 0; i < PIECES; i++) {
        sizes[i] = SIZE;
        pieces[i] = rg_record_memory_take_cyclic(SIZE);
        require(pieces[i]);
        memset(pieces[i], 1, SIZE);
    }
    size_t before = resident_pages();
    for (size_t i = 0; i < PIECES; i++) {
        rg_record_memory_give_cyclic(pieces[i], SIZE, true);
    }
    // What was kept while much was in use may stay.
    assert_in_range(resident_pages(), 0, before - (size_t)PIECES * SIZE / RG_PAGE_SIZE * 6 / 10);
}

// The attempt is repeated at each free of a moved block.
static void takes_nothing_when_there_is_no_memory(void) {
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip_isolated("the sanitizer's own memory is short then, too");
#endif
    struct rlimit limit = {0, RLIM_INFINITY};
    require(rg_record_memory_take(RG_RECORDS_BRIEF, 8) && setrlimit(RLIMIT_AS, &limit) == 0);
    while (rg_record_memory_take(RG_RECORDS_BRIEF, 1024)) {
    }
    size_t used = rg_arena_used();
    for (int i = 0; i < 100; i++) {
        require(!rg_record_memory_take(RG_RECORDS_BRIEF, 1024) &&
                !rg_record_memory_take_cyclic(1024));
    }
    assert_int_equal(rg_arena_used(), used);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(gives_pages_back_that_nothing_else_lies_in),
        isolated(hands_out_no_address_again),
        isolated(uses_cyclic_memory_again),
        isolated(uses_no_memory_again_that_may_be_written_to),
        isolated(keeps_little_cyclic_memory),
        isolated(takes_nothing_when_there_is_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
