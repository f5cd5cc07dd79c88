// SPDX-License-Identifier: MIT
// Claims about formatting: what the C library prints, into a buffer that is always a string.
#include "base/fmt.h"

#include "support.h"

#include <errno.h>
#include <limits.h>

static char expected[3000];
static char got[3000];
static struct rg_buf b;

// Formats by both and compares.
#define assert_same(...)                                                                           \
    do {                                                                                           \
        snprintf(expected, sizeof expected, __VA_ARGS__);                                          \
        rg_buf_init(&b, got, sizeof got);                                                          \
        rg_buf_fmt(&b, __VA_ARGS__);                                                               \
        assert_string_equal(got, expected);                                                        \
        assert_int_equal(b.len, strlen(expected));                                                 \
        assert_false(b.truncated);                                                                 \
    } while (0)

static void prints_numbers_as_printf_does(void **state) {
    (void)state;
    const int ints[] = {0, 1, -1, 42, -42, INT_MAX, INT_MIN};
    for (size_t i = 0; i < RG_ARRAY_LEN(ints); i++) {
        assert_same("%d|%5d|%05d|%1d", ints[i], ints[i], ints[i], ints[i]);
        assert_same("%u|%x|%08x|%20x", (unsigned)ints[i], (unsigned)ints[i], (unsigned)ints[i],
                    (unsigned)ints[i]);
    }
    const long longs[] = {0, LONG_MAX, LONG_MIN, -1};
    for (size_t i = 0; i < RG_ARRAY_LEN(longs); i++) {
        assert_same("%ld|%lu|%lx|%016lx", longs[i], (unsigned long)longs[i],
                    (unsigned long)longs[i], (unsigned long)longs[i]);
        assert_same("%lld|%llu|%zu|%zd|%zx", (long long)longs[i], (unsigned long long)longs[i],
                    (size_t)longs[i], (ssize_t)longs[i], (size_t)longs[i]);
    }
    assert_same("%p", (void *)&b);
}

static void prints_strings_and_characters_as_printf_does(void **state) {
    (void)state;
    assert_same("%s|%10s|%-10s|%2s", "abc", "abc", "abc", "abc");
    assert_same("%.*s|%.*s|%.*s", 2, "abc", 0, "abc", 9, "abc");
    assert_same("%c%c 100%%", 'x', 'y');
    assert_same("plain");
    assert_same("%s", "");
}

static void prints_something_for_a_null_string(void **state) {
    (void)state;
    const char *volatile none = NULL;
    rg_buf_init(&b, got, sizeof got);
    rg_buf_fmt(&b, "<%s>", none);
    assert_string_equal(got, "<(null)>");
}

static void stays_a_string_whatever_does_not_fit(void **state) {
    (void)state;
    for (size_t cap = 1; cap < 30; cap++) {
        memset(got, '#', sizeof got);
        rg_buf_init(&b, got, cap);
        rg_buf_fmt(&b, "%s %d %010u", "some text", -12345, 7u);
        snprintf(expected, cap, "some text -12345 0000000007");
        assert_string_equal(got, expected);
        assert_int_equal(b.len, strlen(expected));
        assert_int_equal(b.truncated, cap < sizeof "some text -12345 0000000007");
        assert_int_equal(got[cap], '#');
    }
}

static void appends(void **state) {
    (void)state;
    rg_buf_init(&b, got, sizeof got);
    rg_buf_str(&b, "a");
    rg_buf_put(&b, "bcd", 2);
    rg_buf_fmt(&b, "%d", 4);
    assert_string_equal(got, "abc4");
}

// What rg_say writes for one format.
static size_t say(const char *text) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    rg_say(ends[1], "%s", text);
    close(ends[1]);
    ssize_t n = read(ends[0], got, sizeof got - 1);
    close(ends[0]);
    assert_true(n > 0);
    got[n] = 0;
    return (size_t)n;
}

static void says_one_line_of_at_most_1000_bytes(void **state) {
    (void)state;
    static char text[2000];
    assert_int_equal(say("hello"), 6);
    assert_string_equal(got, "hello\n");
    for (size_t len = 990; len < 1010; len++) {
        memset(text, 'x', sizeof text);
        text[len] = 0;
        size_t n = say(text);
        assert_true(n <= 1000);
        assert_int_equal(got[n - 1], '\n');
        assert_int_equal(strcspn(got, "\n"), n - 1);
        assert_int_equal(n, len + 1 < 999 ? len + 1 : n);
    }
}

static void leaves_errno_alone(void **state) {
    (void)state;
    errno = 123;
    rg_buf_init(&b, got, sizeof got);
    rg_buf_fmt(&b, "%s %d", "x", 5);
    rg_say(-1, "to nowhere");
    assert_int_equal(errno, 123);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_numbers_as_printf_does),
        cmocka_unit_test(prints_strings_and_characters_as_printf_does),
        cmocka_unit_test(prints_something_for_a_null_string),
        cmocka_unit_test(stays_a_string_whatever_does_not_fit),
        cmocka_unit_test(appends),
        cmocka_unit_test(says_one_line_of_at_most_1000_bytes),
        cmocka_unit_test(leaves_errno_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
