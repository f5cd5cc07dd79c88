// SPDX-License-Identifier: MIT
// Claims about suppressions: what a line says and matches, what is said of a bad one, and what is read of files.
#include "base/suppression_file.h"

#include "../support/temporary.h"
#include "support.h"

#include <fcntl.h>
#include <sys/stat.h>

// ns::grow, inlined into ns::add, which main calls.
static const struct rg_suppression_frame stack[] = {
    {.function = "__memcpy_evex",
     .file = "",
     .module = "/usr/lib/libc.so.6",
     .symbols = "memcpy\0"},
    {.function = "ns::grow(char*, int)",
     .file = "/home/me/lib/src/grow.cpp",
     .module = "/home/me/bin/prog"},
    {.function = "ns::add(std::map<int, char> const&)",
     .file = "/home/me/lib/src/add.cpp",
     .module = "/home/me/bin/prog",
     .symbols = "_ZN2ns3addERKSt3mapIicE\0other_name\0"},
    {.module = "/home/me/lib/plugin.so"},
    {.function = "main", .file = "src/main.c", .module = "/home/me/bin/prog"},
};

static struct rg_suppression read_line(const char *line) {
    struct rg_suppression s;
    char text[400];
    struct rg_buf why;
    rg_buf_init(&why, text, sizeof text);
    enum rg_suppression_line what = rg_suppression_parse(line, strlen(line), &s, &why);
    if (what != RG_SUPPRESSION_READ) {
        fail_msg("\"%s\" is not read: %s", line, text);
    }
    assert_int_equal(why.len, 0);
    return s;
}

static bool matches_kind(const char *line, const char *kind) {
    struct rg_suppression s = read_line(line);
    return rg_suppression_matches(&s, kind, stack, RG_ARRAY_LEN(stack));
}

static bool matches(const char *line) {
    return matches_kind(line, "stale-write");
}

static void assert_refused(const char *line, size_t len, const char *reason) {
    struct rg_suppression s = {.line = 17};
    char text[400];
    struct rg_buf why;
    rg_buf_init(&why, text, sizeof text);
    assert_int_equal(rg_suppression_parse(line, len, &s, &why), RG_SUPPRESSION_REFUSED);
    assert_string_equal(text, reason);
    assert_int_equal(s.line, 17);
}

static void compares_kinds_as_a_whole(void **state) {
    (void)state;
    assert_true(matches_kind("stale-write:main", "stale-write"));
    assert_false(matches_kind("stale-write:main", "stale-read"));
    assert_false(matches_kind("stale-delete:main", "stale-delete-array"));
    assert_true(matches_kind("*:main", "lost-block"));
    assert_true(matches_kind("stale-*:main", "stale-delete-array"));
    assert_false(matches_kind("stale-*:main", "double-free"));
    assert_true(matches_kind("*-after-free:main", "read-after-free"));
    assert_true(matches_kind(" stale-write : main\r", "stale-write"));
}

static void finds_a_pattern_in_any_frame(void **state) {
    (void)state;
    assert_true(matches("*:memcpy"));
    assert_true(matches("*:ns::grow"));
    assert_true(matches("*:ns::add(std::map<int, char> const&)"));
    assert_true(matches("*:mai"));
    assert_false(matches("*:nowhere"));
    assert_false(matches("*:mainly"));
}

static void knows_other_names_of_functions(void **state) {
    (void)state;
    assert_true(matches("*:_ZN2ns3add"));
    assert_true(matches("*:^memcpy$"));
    assert_true(matches("*:^other_name$"));
    assert_false(matches("*:^other$"));
}

static void takes_a_star_for_any_text(void **state) {
    (void)state;
    assert_true(matches("*:ns::*(*int)"));
    assert_true(matches("*:g*w"));
    assert_true(matches("*:^ns::*)$"));
    assert_true(matches("*:^*grow.cpp$"));
    assert_true(matches("*:grow**int"));
    assert_false(matches("*:ns::*(float"));
    // The last star may have to stand for more than at first.
    assert_true(matches("*:^*n$"));
    assert_true(matches("*:^ns::add(*const&)$"));
}

static void anchors_patterns(void **state) {
    (void)state;
    assert_true(matches("*:^main$"));
    assert_false(matches("*:^ain"));
    assert_false(matches("*:mai$"));
    assert_true(matches("*:ain$"));
    // Elsewhere these are themselves.
    assert_false(matches("*:ma^in"));
    assert_false(matches("*:ma$in"));
}

static void looks_for_paths_where_there_is_a_slash(void **state) {
    (void)state;
    assert_true(matches("*:^add.cpp$"));
    assert_true(matches("*:lib/src/add.cpp$"));
    assert_true(matches("*:^/home/me/"));
    assert_true(matches("*:^src/main.c$"));
    assert_false(matches("*:^src/add.cpp"));
    // Not whatever is in a folder of that name.
    assert_false(matches("*:home"));
    assert_true(matches("*:/home"));
    assert_true(matches("*:^plugin.so$"));
    assert_true(matches("*:plugin"));
    assert_true(matches("*:/lib/plugin.so"));
}

static void matches_any_stack_by_a_star(void **state) {
    (void)state;
    struct rg_suppression s = read_line("overrun:*");
    assert_true(rg_suppression_matches(&s, "overrun", NULL, 0));
    assert_false(rg_suppression_matches(&s, "lost-block", NULL, 0));
    s = read_line("*:frames:*");
    assert_true(rg_suppression_matches(&s, "overrun", NULL, 0));
    s = read_line("*:f*");
    assert_false(rg_suppression_matches(&s, "overrun", NULL, 0));
}

static void matches_frames_one_after_the_other(void **state) {
    (void)state;
    assert_true(matches("*:frames: memcpy"));
    assert_true(matches("*:frames:memcpy ; grow;add"));
    assert_true(matches("*:frames: memcpy;grow;add;plugin.so;^main$"));
    assert_false(matches("*:frames: memcpy;grow;add;plugin.so;^main$;start"));
    assert_false(matches("*:frames: grow"));
    assert_false(matches("*:frames: memcpy;add"));
    assert_false(matches("*:frames: memcpy;grow;main"));
}

static void takes_a_star_for_any_number_of_frames(void **state) {
    (void)state;
    assert_true(matches("*:frames: *;add"));
    assert_true(matches("*:frames: memcpy;*;grow"));
    assert_true(matches("*:frames: memcpy;*;main"));
    assert_true(matches("*:frames: *;prog;prog;*;prog"));
    assert_true(matches("*:frames: *;*;main;*"));
    assert_false(matches("*:frames: *;main;*;add"));
    assert_false(matches("*:frames: *;add;main"));
    // Frames that match at first may have to be passed over.
    assert_true(matches("*:frames: *;prog;plugin"));
    assert_true(matches("*:frames: *;ns::;add.cpp;plugin"));
}

static void tells_a_list_from_a_namespace(void **state) {
    (void)state;
    assert_true(read_line("*:frames:f").is_list);
    assert_false(read_line("*:frames::f").is_list);
    assert_false(read_line("*:frames").is_list);
    assert_false(read_line("*:myframes:f").is_list);
}

static void passes_over_comments_and_empty_lines(void **state) {
    (void)state;
    const char *const lines[] = {"", "  \t", "\r", "# stale-write", "  #", "#"};
    for (size_t i = 0; i < RG_ARRAY_LEN(lines); i++) {
        struct rg_suppression s;
        assert_int_equal(rg_suppression_parse(lines[i], strlen(lines[i]), &s, NULL),
                         RG_SUPPRESSION_NONE);
    }
}

static void says_what_is_wrong_with_a_line(void **state) {
    (void)state;
    static const struct {
        const char *line, *reason;
    } rows[] = {
        {"stale-write",
         "\"stale-write\" has no \":\"; write KIND:PATTERN, as stale-write:copy_name"},
        {":f",
         "\"\" is no kind of finding; write its name as format=json does, as stale-write, or * "
         "for any"},
        {"stale write:f",
         "\"stale write\" is no kind of finding; write its name as format=json does, "
         "as stale-write, or * for any"},
        {"stale-w:f", "\"stale-w\" is no kind of finding; write its name as format=json does, as "
                      "stale-write, or * for any"},
        {"leaky*:f", "\"leaky*\" is no kind of finding; write its name as format=json does, as "
                     "stale-write, or * for any"},
        {"stale-write:", "\"\" holds no name to look for; write * for any"},
        {"*: ^ ", "\"^\" holds no name to look for; write * for any"},
        {"*:^$", "\"^$\" holds no name to look for; write * for any"},
        {"*:frames:",
         "\"\" has an empty frame; write PATTERN;PATTERN, and * for any number of frames"},
        {"*:frames: f;;g",
         "\"f;;g\" has an empty frame; write PATTERN;PATTERN, and * for any number of frames"},
        {"*:frames: f; ",
         "\"f;\" has an empty frame; write PATTERN;PATTERN, and * for any number of frames"},
        {"*:frames: f;...;g", "\"...\" is no pattern; write * for any number of frames"},
        {"*:frames: f;$", "\"$\" holds no name to look for; write * for any"},
    };
    for (size_t i = 0; i < RG_ARRAY_LEN(rows); i++) {
        assert_refused(rows[i].line, strlen(rows[i].line), rows[i].reason);
    }
    assert_refused("*:a\0b", 5, "\"*:a?b\" holds a zero byte; is this a text file?");
    char longest[RG_SUPPRESSION_MOST + 1];
    memset(longest, 'f', sizeof longest);
    memcpy(longest, "*:", 2);
    assert_refused(
        longest, sizeof longest,
        "\"*:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffff...\" is a line of "
        "more than 4096 bytes; use * for a part of it");
    struct rg_suppression s;
    assert_int_equal(rg_suppression_parse(longest, RG_SUPPRESSION_MOST, &s, NULL),
                     RG_SUPPRESSION_READ);
}

// What is said of files, in order, a line each.
static char said[65536];

static void note(void *arg, const char *line) {
    (void)arg;
    assert_null(strchr(line, '\n'));
    strcat(strcat(said, line), "\n");
}

static struct rg_suppressions *read_files(const char *files) {
    said[0] = 0;
    return rg_suppressions_read(files, note, NULL);
}

static void write_file(const char *name, const char *text, size_t len) {
    FILE *file = fopen(name, "w");
    require(file && fwrite(text, 1, len, file) == len && fclose(file) == 0);
}

static void enter_folder(void) {
    char folder[] = "/tmp/rg-suppressions-" SIX_X;
    require(mkdtemp(folder) && chdir(folder) == 0);
}

static void leave_folder(const char *const *files, size_t count) {
    char folder[200];
    require(getcwd(folder, sizeof folder) != NULL);
    for (size_t i = 0; i < count; i++) {
        unlink(files[i]);
    }
    require(rmdir(folder) == 0);
}

static void write_text(const char *name, const char *text) {
    write_file(name, text, strlen(text));
}

static void reads_several_files(void) {
    enter_folder();
    write_text("a", "# first\n\nstale-write:f\r\n  double-free:g  \n");
    write_text("empty", "");
    write_text("nothing", "# only this\n");
    write_text("b", "*:frames: f;g");
    const struct rg_suppressions *s = read_files(":a:empty::nothing:b:");
    assert_string_equal(said, "");
    assert_string_equal(s->file, "a");
    assert_int_equal(s->count, 2);
    assert_string_equal(s->items[0].text, "stale-write:f");
    assert_int_equal(s->items[0].line, 3);
    assert_string_equal(s->items[1].text, "double-free:g");
    assert_int_equal(s->items[1].line, 4);
    s = s->next;
    assert_string_equal(s->file, "b");
    assert_int_equal(s->count, 1);
    assert_string_equal(s->items[0].text, "*:frames: f;g");
    assert_int_equal(s->items[0].line, 1);
    assert_null(s->next);
    assert_null(read_files(""));
    assert_null(read_files("nothing"));
    leave_folder((const char *const[]){"a", "empty", "nothing", "b"}, 4);
}

static void names_what_cannot_be_read_and_goes_on(void) {
    enter_folder();
    mkdir("folder", 0700);
    write_text("a", "stale-write\n*:f\nlost_block:f\n");
    const struct rg_suppressions *s = read_files("none:folder:a");
    assert_string_equal(
        said,
        "suppressions: none cannot be read (No such file or directory); name a file that can, by "
        "its "
        "whole path where programs start in other folders\n"
        "suppressions: folder cannot be read (Is a directory); name a file that can, by its whole "
        "path where programs start in other folders\n"
        "suppressions: a:1: \"stale-write\" has no \":\"; write KIND:PATTERN, as "
        "stale-write:copy_name\n"
        "suppressions: a:3: \"lost_block\" is no kind of finding; write its name as format=json "
        "does, as stale-write, or * for any\n");
    assert_int_equal(s->count, 1);
    assert_int_equal(s->items[0].line, 2);
    assert_null(s->next);
    rmdir("folder");
    leave_folder((const char *const[]){"a"}, 1);
}

static void names_some_malformed_lines_and_counts_the_others(void) {
    char text[400] = "";
    enter_folder();
    for (size_t i = 0; i < RG_SUPPRESSIONS_NAMED + 3; i++) {
        strcat(text, "bad\n");
    }
    write_text("a", strcat(text, "*:f"));
    const struct rg_suppressions *s = read_files("a");
    size_t lines = 0;
    for (const char *c = said; *c; c++) {
        lines += *c == '\n';
    }
    assert_int_equal(lines, RG_SUPPRESSIONS_NAMED + 1);
    assert_non_null(strstr(said, "\nsuppressions: a: 3 more lines are malformed\n"));
    assert_int_equal(s->count, 1);
    leave_folder((const char *const[]){"a"}, 1);
}

// Of more than is read the whole lines that fit are there, and no part of one.
static void reads_as_much_as_it_says(void) {
    static char text[RG_SUPPRESSIONS_MOST + 100];
    size_t len = 0, lines = 0;
    enter_folder();
    while (len + 16 <= RG_SUPPRESSIONS_MOST) {
        memcpy(text + len, "stale-write:f23\n", 16);
        len += 16;
        lines++;
    }
    require(len == RG_SUPPRESSIONS_MOST);
    write_file("a", text, len);
    const struct rg_suppressions *s = read_files("a");
    assert_string_equal(said, "");
    assert_int_equal(s->count, lines);
    // A file behind one that leaves no room.
    write_text("b", "*:f\n");
    s = read_files("a:b");
    assert_string_equal(
        said, "suppressions: b:1: from this line on there are more than the 1048576 bytes that are "
              "read of all files; remove what is not used, print_suppressions=1 tells what is\n");
    assert_int_equal(s->count, lines);
    assert_null(s->next);
    // A byte too many.
    text[len - 1] = '4';
    text[len] = '\n';
    write_file("a", text, len + 1);
    s = read_files("a");
    char place[64];
    snprintf(place, sizeof place, "suppressions: a:%zu: from this line on", lines);
    assert_int_equal(strncmp(said, place, strlen(place)), 0);
    assert_int_equal(s->count, lines - 1);
    assert_string_equal(s->items[lines - 2].text, "stale-write:f23");
    leave_folder((const char *const[]){"a", "b"}, 2);
}

static void reads_pipes(void) {
    int ends[2];
    char name[40];
    require(pipe(ends) == 0 && write(ends[1], "*:f\n*:g", 7) == 7);
    close(ends[1]);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    const struct rg_suppressions *s = read_files(name);
    assert_string_equal(said, "");
    assert_int_equal(s->count, 2);
    assert_string_equal(s->items[1].text, "*:g");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_kinds_as_a_whole),
        cmocka_unit_test(finds_a_pattern_in_any_frame),
        cmocka_unit_test(knows_other_names_of_functions),
        cmocka_unit_test(takes_a_star_for_any_text),
        cmocka_unit_test(anchors_patterns),
        cmocka_unit_test(looks_for_paths_where_there_is_a_slash),
        cmocka_unit_test(matches_any_stack_by_a_star),
        cmocka_unit_test(matches_frames_one_after_the_other),
        cmocka_unit_test(takes_a_star_for_any_number_of_frames),
        cmocka_unit_test(tells_a_list_from_a_namespace),
        cmocka_unit_test(passes_over_comments_and_empty_lines),
        cmocka_unit_test(says_what_is_wrong_with_a_line),
        isolated(reads_several_files),
        isolated(names_what_cannot_be_read_and_goes_on),
        isolated(names_some_malformed_lines_and_counts_the_others),
        isolated(reads_as_much_as_it_says),
        isolated(reads_pipes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
