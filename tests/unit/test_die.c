// SPDX-License-Identifier: MIT
// Claims about how the guard ends for a bug of its own.
#include "base/die.h"

#include "support.h"

#include <signal.h>

// What a child said and how it ended, as one text.
static const char *end_of(void (*fn)(void)) {
    static char told[2000];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int status = run_in_child(fn, ends[1]);
    close(ends[1]);
    ssize_t n = read(ends[0], told, sizeof told - 40);
    close(ends[0]);
    n = n > 0 ? n : 0;
    assert_true(WIFSIGNALED(status));
    snprintf(told + n, sizeof told - (size_t)n, "by signal %d", WTERMSIG(status));
    return told;
}

enum { PLAIN_LINE = __LINE__ + 3 };

static void die_plainly(void) {
    rg_die("no way on");
}

static void says_what_and_where(void **state) {
    (void)state;
    char wanted[500];
    snprintf(wanted, sizeof wanted,
             "realloc_guard: internal error: no way on (%s:%d)\nby signal %d", __FILE__, PLAIN_LINE,
             SIGABRT);
    assert_string_equal(end_of(die_plainly), wanted);
}

static void die_with_values(void) {
    rg_die_value("refused", -22);
}

static void die_with_address(void) {
    rg_die_value("lost", 0x7f0000001000);
}

static void shows_errors_as_numbers_and_addresses_as_such(void **state) {
    (void)state;
    assert_non_null(strstr(end_of(die_with_values), ": refused (-22) ("));
    assert_non_null(strstr(end_of(die_with_address), ": lost (0x7f0000001000) ("));
}

static void go_on(int sig) {
    (void)sig;
    _exit(0);
}

static void die_with_signals_taken(void) {
    sigset_t all;
    signal(SIGABRT, go_on);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    rg_die("no way on");
}

static void die_of_bus(void) {
    signal(SIGBUS, SIG_IGN);
    rg_die_of_fault("a fault", 0, SIGBUS, NULL);
}

static void ends_by_the_signal_whatever_the_program_made_of_it(void **state) {
    (void)state;
    char wanted[40];
    snprintf(wanted, sizeof wanted, "by signal %d", SIGABRT);
    assert_non_null(strstr(end_of(die_with_signals_taken), wanted));
    snprintf(wanted, sizeof wanted, "by signal %d", SIGBUS);
    assert_non_null(strstr(end_of(die_of_bus), wanted));
}

static const char *const expected_context = "the context";

static void tell(const char *line, const void *context) {
    fprintf(stderr, "[%.20s, %s]\n", line, context == expected_context ? "context" : "none");
}

static void die_with_hook(void) {
    rg_die_set_hook(tell);
    rg_die_of_fault("a fault", 0, SIGSEGV, expected_context);
}

static void lets_the_hook_tell_the_stack(void **state) {
    (void)state;
    assert_non_null(
        strstr(end_of(die_with_hook), ")\n[realloc_guard: inter, context]\nby signal 11"));
}

static void fail_too(const char *line, const void *context) {
    (void)line;
    (void)context;
    rg_die("the second bug");
}

static void die_with_bad_hook(void) {
    rg_die_set_hook(fail_too);
    rg_die("the first bug");
}

static void ends_when_the_hook_dies_too(void **state) {
    (void)state;
    const char *told = end_of(die_with_bad_hook);
    const char *second = strstr(told, "the second bug");
    assert_non_null(strstr(told, "the first bug"));
    assert_non_null(second);
    assert_null(strstr(second + 1, "the second bug"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_and_where),
        cmocka_unit_test(shows_errors_as_numbers_and_addresses_as_such),
        cmocka_unit_test(ends_by_the_signal_whatever_the_program_made_of_it),
        cmocka_unit_test(lets_the_hook_tell_the_stack),
        cmocka_unit_test(ends_when_the_hook_dies_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
