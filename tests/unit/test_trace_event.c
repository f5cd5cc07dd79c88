// SPDX-License-Identifier: MIT
// Claims about the encoding of events.
#include "trace/event.h"

#include "support.h"

#include <string.h>

static const uint64_t NUMBERS[] = {
    0,         1,          15,        127,       128,       16383,           16384,
    1U << 28,  UINT32_MAX, 1UL << 32, 1UL << 47, 1UL << 56, (1UL << 63) - 1, 1UL << 63,
    UINT64_MAX};
enum { NUMBER_COUNT = sizeof NUMBERS / sizeof *NUMBERS };

static void reads_every_number_that_it_writes(void **state) {
    (void)state;
    for (int i = 0; i < NUMBER_COUNT; i++) {
        unsigned char bytes[RG_TRACE_VARINT_MOST];
        uint64_t n = 1;
        const unsigned char *end = rg_trace_put_varint(bytes, NUMBERS[i]);
        assert_true(end - bytes <= RG_TRACE_VARINT_MOST);
        assert_ptr_equal(rg_trace_get_varint(bytes, end, &n), end);
        assert_int_equal(n, NUMBERS[i]);
        // One that is cut off is none.
        assert_null(rg_trace_get_varint(bytes, end - 1, &n));
    }
}

static void refuses_numbers_beyond_64_bits(void **state) {
    (void)state;
    unsigned char bytes[11];
    uint64_t n;
    memset(bytes, 0xff, sizeof bytes);
    assert_null(rg_trace_get_varint(bytes, bytes + sizeof bytes, &n));
    bytes[9] = 2;
    assert_null(rg_trace_get_varint(bytes, bytes + sizeof bytes, &n));
    bytes[9] = 1;
    assert_ptr_equal(rg_trace_get_varint(bytes, bytes + sizeof bytes, &n), bytes + 10);
    assert_int_equal(n, UINT64_MAX);
}

static void folds_both_signs_into_small_numbers(void **state) {
    (void)state;
    assert_int_equal(rg_trace_zigzag(0), 0);
    assert_int_equal(rg_trace_zigzag(-1), 1);
    assert_int_equal(rg_trace_zigzag(1), 2);
    for (int i = 0; i < NUMBER_COUNT; i++) {
        assert_int_equal(rg_trace_unzigzag(rg_trace_zigzag((int64_t)NUMBERS[i])), NUMBERS[i]);
    }
}

static struct rg_trace_event make_event(uint64_t *seed, uint64_t ticks) {
    struct rg_trace_event e = {
        .kind = (enum rg_trace_event_kind)(1 + next_random(seed) % (RG_TRACE_EVENT_KINDS - 1)),
        .how = (enum rg_trace_how)(next_random(seed) % RG_TRACE_HOWS),
        .stack = (uint32_t)(next_random(seed) % (1U << 24)),
        .ticks = ticks};
    if (rg_trace_has_old(e.kind)) {
        e.old = next_random(seed) % (1UL << 47) & ~15UL;
    }
    if (rg_trace_has_old_size(e.kind)) {
        e.old_size = next_random(seed);
    }
    if (e.kind != RG_TRACE_FREE) {
        e.size = NUMBERS[next_random(seed) % NUMBER_COUNT];
    }
    if (rg_trace_has_address(e.kind)) {
        e.address = next_random(seed) % (1UL << 47) & ~15UL;
    } else if (e.kind == RG_TRACE_RESIZE) {
        e.address = e.old;
    }
    return e;
}

static void assert_same(const struct rg_trace_event *a, const struct rg_trace_event *b) {
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->how, b->how);
    assert_int_equal(a->stack, b->stack);
    assert_int_equal(a->ticks, b->ticks);
    assert_int_equal(a->address, b->address);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->old, b->old);
    assert_int_equal(a->old_size, b->old_size);
}

enum { EVENTS = 5000 };

static void reads_every_event_that_it_writes(void **state) {
    (void)state;
    static unsigned char bytes[EVENTS * RG_TRACE_EVENT_MOST + 1];
    static struct rg_trace_event written[EVENTS];
    uint64_t seed = 1, ticks = 1000;
    struct rg_trace_state out = {.ticks = ticks}, in = out;
    unsigned char *end = bytes;
    for (int i = 0; i < EVENTS; i++) {
        unsigned char *at = end, first = 0;
        ticks += next_random(&seed) % 100000;
        written[i] = make_event(&seed, ticks);
        end = rg_trace_put_event(at, &out, &written[i], &first);
        assert_true(end - at <= RG_TRACE_EVENT_MOST);
        assert_int_equal(*at, 0); // a reader stops here until all is there
        *at = first;
        assert_int_not_equal(first, 0);
    }
    const unsigned char *at = bytes;
    for (int i = 0; i < EVENTS; i++) {
        struct rg_trace_event e, cut;
        struct rg_trace_state before = in;
        const unsigned char *next = rg_trace_get_event(at, end, &in, &e);
        assert_non_null(next);
        assert_same(&e, &written[i]);
        assert_null(rg_trace_get_event(at, next - 1, &before, &cut));
        at = next;
    }
    assert_ptr_equal(at, end);
}

static void never_goes_back_in_time(void **state) {
    (void)state;
    unsigned char bytes[2 * RG_TRACE_EVENT_MOST], *at = bytes;
    struct rg_trace_state out = {.ticks = 500}, in = out;
    const uint64_t ticks[] = {700, 600};
    for (int i = 0; i < 2; i++) {
        unsigned char first, *begin = at;
        const struct rg_trace_event e = {
            .kind = RG_TRACE_FREE, .how = RG_TRACE_BY_FREE, .ticks = ticks[i], .old = 4096};
        at = rg_trace_put_event(begin, &out, &e, &first);
        *begin = first;
    }
    const unsigned char *from = bytes;
    for (int i = 0; i < 2; i++) {
        struct rg_trace_event e;
        from = rg_trace_get_event(from, at, &in, &e);
        assert_int_equal(e.ticks, 700);
    }
}

static void refuses_what_is_no_event(void **state) {
    (void)state;
    unsigned char bytes[RG_TRACE_EVENT_MOST] = {0};
    struct rg_trace_state s = {0};
    struct rg_trace_event e;
    assert_null(rg_trace_get_event(bytes, bytes + sizeof bytes, &s, &e));
    bytes[0] = RG_TRACE_EVENT_KINDS;
    assert_null(rg_trace_get_event(bytes, bytes + sizeof bytes, &s, &e));
    bytes[0] = RG_TRACE_FREE | RG_TRACE_HOWS << 4;
    assert_null(rg_trace_get_event(bytes, bytes + sizeof bytes, &s, &e));
    assert_null(rg_trace_get_event(bytes, bytes, &s, &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_number_that_it_writes),
        cmocka_unit_test(refuses_numbers_beyond_64_bits),
        cmocka_unit_test(folds_both_signs_into_small_numbers),
        cmocka_unit_test(reads_every_event_that_it_writes),
        cmocka_unit_test(never_goes_back_in_time),
        cmocka_unit_test(refuses_what_is_no_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
