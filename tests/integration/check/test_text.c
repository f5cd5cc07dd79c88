// SPDX-License-Identifier: MIT
#include "text.h"

#include <check.h>
#include <stdio.h>

static struct text text;

static void set_up(void) {
    ck_assert(text_init(&text));
}

static void tear_down(void) {
    text_done(&text);
}

START_TEST(leaves_out_what_is_the_same) {
    ck_assert(text_add(&text, "one"));
    ck_assert(text_add(&text, "two"));
    ck_assert(!text_add(&text, "two"));
}
END_TEST

START_TEST(grows_past_its_room) {
    for (int i = 0; i < 1000; i++) {
        char line[32];
        snprintf(line, sizeof line, "line %d", i);
        ck_assert(text_add(&text, line));
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("text");
    TCase *lines = tcase_create("lines");
    tcase_add_checked_fixture(lines, set_up, tear_down);
    tcase_add_test(lines, leaves_out_what_is_the_same);
    tcase_add_test(lines, grows_past_its_room);
    suite_add_tcase(suite, lines);
    SRunner *runner = srunner_create(suite);
    srunner_set_xml(runner, "check.xml");
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
