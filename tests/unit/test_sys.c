// SPDX-License-Identifier: MIT
// Claims about the loops around system calls.
#include "base/sys.h"

#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

static void knows_what_can_be_read(void **state) {
    (void)state;
    char *p = mmap(NULL, 3 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(p != MAP_FAILED);
    assert_int_equal(mprotect(p + PAGE, PAGE, PROT_NONE), 0);
    assert_true(rg_is_readable(p, 1));
    assert_true(rg_is_readable(p, PAGE));
    assert_true(rg_is_readable(p + PAGE - 1, 1));
    assert_false(rg_is_readable(p + PAGE - 1, 2));
    assert_false(rg_is_readable(p, PAGE + 1));
    assert_false(rg_is_readable(p + PAGE, 1));
    assert_false(rg_is_readable(p + 2 * PAGE - 1, 1));
    assert_false(rg_is_readable(p, (size_t)3 * PAGE));
    assert_true(rg_is_readable(p + 2 * PAGE, PAGE));
    assert_true(rg_is_readable(p + 2 * PAGE, 0));
    munmap(p, (size_t)3 * PAGE);
}

static void takes_any_value_for_an_address(void **state) {
    (void)state;
    const uintptr_t values[] = {0,       1,   8, 24, 4095, (uintptr_t)1 << 47, (uintptr_t)1 << 63,
                                ~4095UL, ~7UL};
    for (size_t i = 0; i < RG_ARRAY_LEN(values); i++) {
        if (rg_is_readable((void *)values[i], 1)) {
            fail_msg("%lx is said to be readable", values[i]);
        }
    }
}

static void leaves_errno_and_the_signal_mask_alone(void **state) {
    (void)state;
    sigset_t before, after;
    sigemptyset(&before);
    sigemptyset(&after);
    sigprocmask(SIG_BLOCK, NULL, &before);
    errno = 123;
    rg_is_readable(&before, sizeof before);
    rg_is_readable(NULL, 1);
    char text[10];
    assert_int_equal(rg_read_file("/nonexistent", text, sizeof text), -ENOENT);
    assert_int_equal(errno, 123);
    sigprocmask(SIG_BLOCK, NULL, &after);
    for (int sig = 1; sig < NSIG; sig++) {
        assert_int_equal(sigismember(&before, sig), sigismember(&after, sig));
    }
}

static void reads_a_file_as_far_as_it_fits(void **state) {
    (void)state;
    char text[5000];
    long n = rg_read_file("/proc/self/maps", text, sizeof text);
    assert_true(n > 0);
    assert_int_equal(strlen(text), n);
    assert_int_equal(rg_read_file("/proc/self/maps", text, 8), 7);
    assert_int_equal(strlen(text), 7);
    assert_int_equal(rg_read_file("/dev/null", text, sizeof text), 0);
    assert_string_equal(text, "");
}

enum { MUCH = 1 << 20 };

static void *read_slowly(void *arg) {
    static char got[MUCH];
    size_t n = 0;
    for (ssize_t r = 1; r > 0; n += (size_t)r) {
        r = read(*(int *)arg, got + n, n % 7919 + 1);
        require(r >= 0);
    }
    return (void *)n;
}

static void writes_all_through_a_narrow_pipe(void **state) {
    (void)state;
    int ends[2];
    pthread_t reader;
    void *total;
    char *data = calloc(1, MUCH);
    assert_non_null(data);
    assert_int_equal(pipe(ends), 0);
    // Full, it answers EAGAIN.
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    require(pthread_create(&reader, NULL, read_slowly, &ends[0]) == 0);
    rg_write_all(ends[1], data, MUCH);
    close(ends[1]);
    pthread_join(reader, &total);
    assert_int_equal((size_t)total, MUCH);
    close(ends[0]);
    free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_can_be_read),
        cmocka_unit_test(takes_any_value_for_an_address),
        cmocka_unit_test(leaves_errno_and_the_signal_mask_alone),
        cmocka_unit_test(reads_a_file_as_far_as_it_fits),
        cmocka_unit_test(writes_all_through_a_narrow_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
