// SPDX-License-Identifier: MIT
// Claims about the metadata arena.
#include "base/arena.h"

#include "support.h"

#include <errno.h>
#include <pthread.h>

enum { PIECES = 3000, THREADS = 4 };

struct piece {
    unsigned char *at;
    size_t bytes;
};

static size_t size_of(size_t i) {
    return i % 500 == 499 ? (size_t)300 * 1024 + i : 1 + i * 7 % 2000;
}

static void take_pieces(struct piece *pieces, unsigned char mark) {
    for (size_t i = 0; i < PIECES; i++) {
        struct piece p = {rg_arena_alloc(size_of(i)), size_of(i)};
        require(p.at != NULL);
        require((uintptr_t)p.at % (p.bytes >= 64 ? 64 : 16) == 0);
        for (size_t k = 0; k < p.bytes; k++) {
            require(p.at[k] == 0);
        }
        memset(p.at, mark + (int)i % 50, p.bytes);
        pieces[i] = p;
    }
}

static void check_pieces(const struct piece *pieces, unsigned char mark) {
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t k = 0; k < pieces[i].bytes; k++) {
            require(pieces[i].at[k] == (unsigned char)(mark + i % 50));
        }
    }
}

static void gives_aligned_zeroed_memory_that_is_nobody_elses(void) {
    static struct piece pieces[PIECES];
    take_pieces(pieces, 1);
    check_pieces(pieces, 1);
}

static struct piece pieces_of[THREADS][PIECES];

static void *take_in_thread(void *arg) {
    size_t n = (size_t)arg;
    take_pieces(pieces_of[n], (unsigned char)(n * 60));
    return NULL;
}

static void serves_threads_at_once(void) {
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        require(pthread_create(&threads[i], NULL, take_in_thread, (void *)i) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (size_t i = 0; i < THREADS; i++) {
        check_pieces(pieces_of[i], (unsigned char)(i * 60));
    }
}

static void counts_what_it_handed_out(void) {
    size_t before = rg_arena_used();
    rg_arena_alloc(10);
    rg_arena_alloc(1000000);
    assert_int_equal(rg_arena_used() - before, 1000010);
}

static void answers_null_for_more_than_there_is(void) {
    errno = 123;
    size_t before = rg_arena_used();
    assert_null(rg_arena_alloc((size_t)1 << 47));
    assert_int_equal(rg_arena_used(), before);
    assert_int_equal(errno, 123);
    assert_non_null(rg_arena_alloc(100));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(gives_aligned_zeroed_memory_that_is_nobody_elses),
        isolated(serves_threads_at_once),
        isolated(counts_what_it_handed_out),
        isolated(answers_null_for_more_than_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
