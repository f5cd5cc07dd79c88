// SPDX-License-Identifier: MIT
// Claims about the options: defaults, values that apply, and one good complaint for each bad item.
#include "base/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#ifdef NDEBUG
#error "these tests need their assertions"
#endif

// Options being parsed into, and what was complained about, in order, a line each.
struct fixture {
    struct rg_options options;
    int complaints;
    char lines[4096];
};

static void note(void *arg, const char *line) {
    struct fixture *f = arg;
    assert_null(strchr(line, '\n'));
    f->complaints++;
    strncat(f->lines, line, sizeof f->lines - strlen(f->lines) - 1);
    strncat(f->lines, "\n", sizeof f->lines - strlen(f->lines) - 1);
}

static struct fixture parse(const char *text) {
    struct fixture f = {.options = rg_options};
    rg_options_parse(&f.options, text, note, &f);
    return f;
}

// Parses text and checks that it gives exactly this complaint, and `move=natural` behind it applies.
static void assert_complaint(const char *text, const char *complaint) {
    char longer[1200];
    struct rg_buf b;
    rg_buf_init(&b, longer, sizeof longer);
    rg_buf_fmt(&b, "%s:move=natural", text);
    struct fixture f = parse(longer);
    char expected[600];
    rg_buf_init(&b, expected, sizeof expected);
    rg_buf_fmt(&b, "%s\n", complaint);
    assert_string_equal(f.lines, expected);
    assert_int_equal(f.options.move, RG_MOVE_NATURAL);
}

static void starts_with_the_defaults(void **state) {
    (void)state;
    assert_int_equal(rg_options.exitcode, 86);
    assert_int_equal(rg_options.color, RG_COLOR_AUTO);
    assert_int_equal(rg_options.seal, RG_SEAL_AUTO);
    assert_true(rg_options.symbolize);
    assert_false(rg_options.halt_on_error);
    assert_string_equal(rg_options.log_path, "stderr");
}

static void gives_each_enum_constant_the_index_of_its_word(void **state) {
    (void)state;
    assert_int_equal(parse("color=auto").options.color, RG_COLOR_AUTO);
    assert_int_equal(parse("color=always").options.color, RG_COLOR_ALWAYS);
    assert_int_equal(parse("color=never").options.color, RG_COLOR_NEVER);
    assert_int_equal(parse("move=always").options.move, RG_MOVE_ALWAYS);
    assert_int_equal(parse("move=natural").options.move, RG_MOVE_NATURAL);
    assert_int_equal(parse("seal=auto").options.seal, RG_SEAL_AUTO);
    assert_int_equal(parse("seal=guard").options.seal, RG_SEAL_GUARD);
    assert_int_equal(parse("seal=mprotect").options.seal, RG_SEAL_MPROTECT);
}

static void accepts_its_own_defaults_for_every_option(void **state) {
    (void)state;
    size_t count;
    const struct rg_option_info *rows = rg_options_table(&count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        char text[700];
        struct rg_buf b;
        rg_buf_init(&b, text, sizeof text);
        rg_buf_fmt(&b, "%s=", rows[i].name);
        rg_option_put_default(&b, &rows[i]);
        struct fixture f = parse(text);
        assert_string_equal(f.lines, "");
        assert_memory_equal(&f.options, &rg_options, sizeof rg_options);
        assert_ptr_equal(rg_option_find(rows[i].name, strlen(rows[i].name)), &rows[i]);
    }
}

static void separates_items_by_colons_and_white_space(void **state) {
    (void)state;
    struct fixture f = parse(":: exitcode=7:move=natural color=never\n\tseal=guard:\r\nhelp=1 :");
    assert_string_equal(f.lines, "");
    assert_int_equal(f.options.exitcode, 7);
    assert_int_equal(f.options.move, RG_MOVE_NATURAL);
    assert_int_equal(f.options.color, RG_COLOR_NEVER);
    assert_int_equal(f.options.seal, RG_SEAL_GUARD);
    assert_true(f.options.help);
}

static void lets_the_later_of_two_values_win(void **state) {
    (void)state;
    assert_int_equal(parse("exitcode=7:exitcode=8").options.exitcode, 8);
}

static void adds_the_values_of_a_list(void **state) {
    (void)state;
    struct fixture f = parse("suppressions=/a:exitcode=1:suppressions='b:c d':suppressions=e");
    assert_string_equal(f.lines, "");
    assert_string_equal(f.options.suppressions, "/a:b:c d:e");
    f = parse("suppressions=/a:suppressions=:suppressions=b");
    assert_string_equal(f.lines, "");
    assert_string_equal(f.options.suppressions, "b");
    assert_string_equal(parse("suppressions=/a:suppressions=''").options.suppressions, "");
}

static void refuses_a_value_for_which_a_list_has_no_room(void **state) {
    (void)state;
    char text[600] = "suppressions=/a:suppressions=";
    size_t len = strlen(text);
    memset(text + len, 'f', 508);
    assert_int_equal(strlen(parse(text).options.suppressions), RG_OPTION_STRING_CAP - 1);
    text[len + 508] = 'f';
    assert_complaint(
        text, "option suppressions: the value, with those before it, has 512 bytes, more than "
              "the 511 that fit; kept \"/a\"");
}

static void reads_every_spelling_of_a_bool(void **state) {
    (void)state;
    assert_true(parse("help=1").options.help);
    assert_true(parse("help=true").options.help);
    assert_true(parse("help=yes").options.help);
    assert_false(parse("symbolize=0").options.symbolize);
    assert_false(parse("symbolize=false").options.symbolize);
    assert_false(parse("symbolize=no").options.symbolize);
}

static void keeps_separators_and_commas_inside_quotes(void **state) {
    (void)state;
    struct fixture f = parse("log_path='/a b:c\"d':strip_path_prefix=\"/it's\":exitcode=1");
    assert_string_equal(f.lines, "");
    assert_string_equal(f.options.log_path, "/a b:c\"d");
    assert_string_equal(f.options.strip_path_prefix, "/it's");
    assert_int_equal(f.options.exitcode, 1);
    assert_string_equal(parse("log_path=a,b=c").options.log_path, "a,b=c");
}

static void takes_an_empty_string(void **state) {
    (void)state;
    struct fixture f = parse("log_path=:external_symbolizer_path=''");
    assert_string_equal(f.lines, "");
    assert_string_equal(f.options.log_path, "");
    assert_string_equal(f.options.external_symbolizer_path, "");
}

static void takes_nothing_from_no_text(void **state) {
    (void)state;
    assert_int_equal(parse(NULL).complaints, 0);
    assert_int_equal(parse("").complaints, 0);
    assert_int_equal(parse(" :\n").complaints, 0);
}

static void names_the_nearest_option_for_an_unknown_one(void **state) {
    (void)state;
    assert_complaint("exitcod=3",
                     "unknown option \"exitcod\"; did you mean \"exitcode\"? (help=1 lists all)");
    assert_complaint("halt-on-eror=1", "unknown option \"halt-on-eror\"; did you mean "
                                       "\"halt_on_error\"? (help=1 lists all)");
    assert_complaint("sael=guard",
                     "unknown option \"sael\"; did you mean \"seal\"? (help=1 lists all)");
}

static void names_no_option_that_is_far_off(void **state) {
    (void)state;
    assert_complaint("quarantine_size=3", "unknown option \"quarantine_size\"; help=1 lists all");
    assert_complaint("x=3", "unknown option \"x\"; help=1 lists all");
    assert_complaint("x", "unknown option \"x\"; help=1 lists all");
}

static void refuses_numbers_out_of_range(void **state) {
    (void)state;
    const char *const bad[] = {
        "300", "-1", "1x", "", "+5", "0x", "0xg", "1x10", "0xffffffffff", "99999999999999999999999",
        "-"};
    for (size_t i = 0; i < RG_ARRAY_LEN(bad); i++) {
        char text[80];
        char complaint[200];
        struct rg_buf b;
        rg_buf_init(&b, text, sizeof text);
        rg_buf_fmt(&b, "exitcode=%s", bad[i]);
        rg_buf_init(&b, complaint, sizeof complaint);
        rg_buf_fmt(&b, "option exitcode: \"%s\" is not a whole number from 0 to 255; kept 86",
                   bad[i]);
        assert_complaint(text, complaint);
    }
    assert_int_equal(parse("exitcode=255").options.exitcode, 255);
    assert_int_equal(parse("exitcode=0xfF").options.exitcode, 255);
    assert_int_equal(parse("exitcode=000").options.exitcode, 0);
}

static void refuses_words_and_bools_that_are_none(void **state) {
    (void)state;
    assert_complaint("color=blue",
                     "option color: \"blue\" is not one of auto, always, never; kept auto");
    assert_complaint("color=alway",
                     "option color: \"alway\" is not one of auto, always, never; kept auto");
    assert_complaint("color=", "option color: \"\" is not one of auto, always, never; kept auto");
    assert_complaint("color=auto|always", "option color: \"auto|always\" is not one of auto, "
                                          "always, never; kept auto");
    assert_complaint("help=maybe",
                     "option help: \"maybe\" is not one of 0, 1, no, yes, false, true; kept 0");
}

static void complains_once_about_each_shape_of_bad_item(void **state) {
    (void)state;
    assert_complaint("exitcode", "option exitcode: it has no value, write exitcode=VALUE; kept 86");
    assert_complaint("exitcode = 5", "option exitcode: there is white space before \"=\", write "
                                     "exitcode=VALUE; kept 86");
    assert_complaint("exitcode =5", "option exitcode: there is white space before \"=\", write "
                                    "exitcode=VALUE; kept 86");
    assert_complaint("=5", "no option name before \"=\"; options are written name=value");
    assert_complaint("log_path='a b'c", "option log_path: \"c\" follows the closing quote, put a "
                                        "\":\" before the next option; kept \"stderr\"");
    assert_complaint("log_path='a", "option log_path: the quote ' is never closed, end the value "
                                    "with another '; kept \"stderr\"");
}

static void keeps_the_item_behind_spaced_equals(void **state) {
    (void)state;
    struct fixture f = parse("exitcode = help=1");
    assert_int_equal(f.complaints, 1);
    assert_true(f.options.help);
}

static void refuses_a_string_that_does_not_fit(void **state) {
    (void)state;
    char value[RG_OPTION_STRING_CAP + 1] = {0};
    char text[RG_OPTION_STRING_CAP + 100];
    struct rg_buf b;
    memset(value, 'x', RG_OPTION_STRING_CAP);
    rg_buf_init(&b, text, sizeof text);
    rg_buf_fmt(&b, "log_path=%s", value);
    assert_complaint(text, "option log_path: the value has 512 bytes, more than the 511 that fit; "
                           "kept \"stderr\"");
    value[RG_OPTION_STRING_CAP - 1] = 0;
    rg_buf_init(&b, text, sizeof text);
    rg_buf_fmt(&b, "log_path=%s", value);
    assert_string_equal(parse(text).options.log_path, value);
}

static void writes_only_printable_and_short_complaints(void **state) {
    (void)state;
    assert_complaint("a\001\033[31m\377=1", "unknown option \"a??[31m?\"; help=1 lists all");
    char name[500] = {0};
    memset(name, 'n', sizeof name - 1);
    struct fixture f = parse(name);
    assert_int_equal(f.complaints, 1);
    assert_true(strlen(f.lines) < 100);
}

static void parses_without_anyone_to_complain_to(void **state) {
    (void)state;
    struct rg_options o = rg_options;
    rg_options_parse(&o, "nonsense:exitcode=5", NULL, NULL);
    assert_int_equal(o.exitcode, 5);
}

static void wraps_the_help_at_100_columns_and_names_every_option(void **state) {
    (void)state;
    char text[RG_OPTIONS_HELP_CAP];
    struct rg_buf b;
    rg_buf_init(&b, text, sizeof text);
    rg_options_help(&b);
    assert_false(b.truncated);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        assert_in_range(strcspn(line, "\n"), 1, 100);
    }
    size_t count;
    const struct rg_option_info *rows = rg_options_table(&count);
    for (size_t i = 0; i < count; i++) {
        char start[80];
        struct rg_buf name;
        rg_buf_init(&name, start, sizeof start);
        rg_buf_fmt(&name, "\n%s ", rows[i].name);
        assert_non_null(strstr(text, start));
    }
}

static void makes_a_markdown_row_for_every_option(void **state) {
    (void)state;
    char text[RG_OPTIONS_HELP_CAP];
    struct rg_buf b;
    rg_buf_init(&b, text, sizeof text);
    rg_options_help_markdown(&b);
    assert_false(b.truncated);
    size_t lines = 0;
    for (const char *at = strchr(text, '\n'); at; at = strchr(at + 1, '\n')) {
        lines++;
    }
    size_t count;
    rg_options_table(&count);
    assert_int_equal(lines, count + 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_with_the_defaults),
        cmocka_unit_test(gives_each_enum_constant_the_index_of_its_word),
        cmocka_unit_test(accepts_its_own_defaults_for_every_option),
        cmocka_unit_test(separates_items_by_colons_and_white_space),
        cmocka_unit_test(lets_the_later_of_two_values_win),
        cmocka_unit_test(adds_the_values_of_a_list),
        cmocka_unit_test(refuses_a_value_for_which_a_list_has_no_room),
        cmocka_unit_test(reads_every_spelling_of_a_bool),
        cmocka_unit_test(keeps_separators_and_commas_inside_quotes),
        cmocka_unit_test(takes_an_empty_string),
        cmocka_unit_test(takes_nothing_from_no_text),
        cmocka_unit_test(names_the_nearest_option_for_an_unknown_one),
        cmocka_unit_test(names_no_option_that_is_far_off),
        cmocka_unit_test(refuses_numbers_out_of_range),
        cmocka_unit_test(refuses_words_and_bools_that_are_none),
        cmocka_unit_test(complains_once_about_each_shape_of_bad_item),
        cmocka_unit_test(keeps_the_item_behind_spaced_equals),
        cmocka_unit_test(refuses_a_string_that_does_not_fit),
        cmocka_unit_test(writes_only_printable_and_short_complaints),
        cmocka_unit_test(parses_without_anyone_to_complain_to),
        cmocka_unit_test(wraps_the_help_at_100_columns_and_names_every_option),
        cmocka_unit_test(makes_a_markdown_row_for_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
