// SPDX-License-Identifier: MIT
// Claims about the list of option fail_realloc: what it says, which calls it selects, and what is said of a bad one.
#include "base/failing_list.h"

#include "support.h"

static struct rg_failing_list read_list(const char *text) {
    struct rg_failing_list list;
    char line[400];
    struct rg_buf why;
    rg_buf_init(&why, line, sizeof line);
    if (!rg_failing_parse(text, &list, &why)) {
        fail_msg("\"%s\" is refused: %s", text, line);
    }
    assert_int_equal(why.len, 0);
    return list;
}

static void assert_refused(const char *text, const char *reason) {
    struct rg_failing_list list = {.number = 17};
    char line[400];
    struct rg_buf why;
    rg_buf_init(&why, line, sizeof line);
    assert_false(rg_failing_parse(text, &list, &why));
    assert_string_equal(line, reason);
    assert_int_equal(list.number, 17);
}

// Which of the first 64 calls fail, a bit each, the first call's lowest.
static uint64_t selected(const char *text) {
    struct rg_failing_list list = read_list(text);
    uint64_t bits = 0;
    for (unsigned n = 1; n <= 64; n++) {
        bits |= (uint64_t)rg_failing_selects(&list, n) << (n - 1);
    }
    return bits;
}

static void selects_calls_by_number(void **state) {
    (void)state;
    assert_int_equal(selected("1"), 1);
    assert_int_equal(selected("0x3"), 4);
    assert_int_equal(selected("65"), 0);
    assert_int_equal(selected("every:16"), 0x8000800080008000);
    assert_int_equal(selected("every:1"), UINT64_MAX);
    assert_int_equal(selected("size>=0"), UINT64_MAX);
}

static void selects_a_share_that_a_seed_repeats(void **state) {
    (void)state;
    assert_int_equal(selected("seed:1,rate:0"), 0);
    assert_int_equal(selected("seed:1,rate:0.0"), 0);
    assert_int_equal(selected("rate:1.0,seed:1"), UINT64_MAX);
    assert_int_equal(selected("seed:1,rate:.5"), selected("rate:0.5,seed:1"));
    assert_true(selected("seed:1,rate:0.5") != selected("seed:2,rate:0.5"));
    struct rg_failing_list list = read_list("seed:42,rate:0.01");
    size_t count = 0;
    for (unsigned n = 1; n <= 100000; n++) {
        count += rg_failing_selects(&list, n);
    }
    assert_in_range(count, 900, 1100);
}

static void reads_filters(void **state) {
    (void)state;
    struct rg_failing_list list =
        read_list("site:*grow,size>=0x100,3,site:libfoo.so.1+0x1f<a+b+0x2");
    assert_int_equal(list.least_size, 256);
    assert_int_equal(list.number, 3);
    assert_int_equal(list.site_count, 2);
    assert_memory_equal(list.site[0].name, "*grow", list.site[0].name_len);
    assert_int_equal(list.site[0].name_len, 5);
    assert_null(list.site[1].name);
    assert_int_equal(list.site[1].chain_len, 2);
    const struct rg_failing_frame *chain = list.site[1].chain;
    assert_int_equal(chain[0].module_len, 11);
    assert_memory_equal(chain[0].module, "libfoo.so.1", 11);
    assert_int_equal(chain[0].offset, 0x1f);
    assert_int_equal(chain[1].module_len, 3);
    assert_memory_equal(chain[1].module, "a+b", 3);
    assert_int_equal(chain[1].offset, 2);
}

static void says_what_is_wrong_and_what_to_write(void **state) {
    (void)state;
    assert_refused("evry:3", "\"evry:3\" is none of N, every:K, seed:S, rate:R, site:PATTERN and "
                             "size>=BYTES");
    assert_refused("3,",
                   "\"\" is none of N, every:K, seed:S, rate:R, site:PATTERN and size>=BYTES");
    assert_refused("0", "\"0\" has no number from 1 on, as 3 or every:3");
    assert_refused("3x", "\"3x\" has no number from 1 on, as 3 or every:3");
    assert_refused("99999999999999999999",
                   "\"99999999999999999999\" has no number from 1 on, as 3 or every:3");
    assert_refused("3,every:2",
                   "\"every:2\" is a second selector; keep one of N, every:K and seed:S,rate:R");
    assert_refused("seed:1,3",
                   "\"3\" is a second selector; keep one of N, every:K and seed:S,rate:R");
    assert_refused("seed:1,seed:1,rate:1",
                   "\"seed:1\" is a second selector; keep one of N, every:K and seed:S,rate:R");
    assert_refused("every", "\"every\" lacks its value: a list with a \":\" is to be quoted, as "
                            "fail_realloc='every:3'");
    assert_refused("seed:1", "seed needs a rate, as seed:7,rate:0.01");
    assert_refused("rate:0.1", "rate needs a seed, as seed:7,rate:0.01");
    assert_refused("seed:1,rate:1.01", "\"rate:1.01\" has no share from 0 to 1, as rate:0.01");
    assert_refused("seed:1,rate:.", "\"rate:.\" has no share from 0 to 1, as rate:0.01");
    assert_refused("size>=", "\"size>=\" has no number of bytes, as size>=4096");
    assert_refused("site:", "\"site:\" names no site, write site:FUNCTION or site:MODULE+0xOFFSET");
    assert_refused("site:a<b", "\"site:a<b\" has a frame that is not MODULE+0xOFFSET, as reports "
                               "print it");
    assert_refused("site:+0x1", "\"site:+0x1\" has a frame that is not MODULE+0xOFFSET, as reports "
                                "print it");
    assert_refused("site:a+0x1<a+0x2<a+0x3<a+0x4<a+0x5<a+0x6<a+0x7<a+0x8<a+0x9",
                   "\"site:a+0x1<a+0x2<a+0x3<a+0x4<a+0x5<a+0x6<a+0x7<a+0x8<a+0x9\" has more than 8 "
                   "frames; leave the outermost ones out");
}

static void assert_matches(const char *pattern, const char *name, bool expected) {
    if (rg_failing_name_matches(pattern, strlen(pattern), name) != expected) {
        fail_msg("%s and %s", pattern, name);
    }
}

static void compares_names_with_stars(void **state) {
    (void)state;
    assert_matches("grow", "grow", true);
    assert_matches("grow", "grow_more", false);
    assert_matches("grow", "gro", false);
    assert_matches("*", "", true);
    assert_matches("*", "grow", true);
    assert_matches("gr*", "grow", true);
    assert_matches("*ow", "grow", true);
    assert_matches("g*o*w", "grow", true);
    assert_matches("*a*ab", "aaaab", true);
    assert_matches("*a*ab", "aaaaba", false);
    assert_matches("**grow**", "grow", true);
    assert_matches("", "", true);
    assert_matches("", "grow", false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selects_calls_by_number),
        cmocka_unit_test(selects_a_share_that_a_seed_repeats),
        cmocka_unit_test(reads_filters),
        cmocka_unit_test(says_what_is_wrong_and_what_to_write),
        cmocka_unit_test(compares_names_with_stars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
