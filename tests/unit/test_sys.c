// SPDX-License-Identifier: MIT
// Claims about the loops around system calls.
#include "base/sys.h"

#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <sys/mman.h>
#include <termios.h>

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

static void writes_all_through_a_narrow_pipe(int flags) {
    int ends[2];
    pthread_t reader;
    void *total;
    size_t written;
    char *data = calloc(1, MUCH);
    assert_non_null(data);
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[1], F_SETFL, flags);
    require(pthread_create(&reader, NULL, read_slowly, &ends[0]) == 0);
    assert_int_equal(rg_write_all(ends[1], data, MUCH, &written), 0);
    assert_int_equal(written, MUCH);
    close(ends[1]);
    pthread_join(reader, &total);
    assert_int_equal((size_t)total, MUCH);
    close(ends[0]);
    free(data);
}

static void waits_for_a_slow_reader(void **state) {
    (void)state;
    writes_all_through_a_narrow_pipe(0);
    // Full, it answers EAGAIN.
    writes_all_through_a_narrow_pipe(O_NONBLOCK);
}

static void gives_up_on_one_that_does_not_read(void **state) {
    (void)state;
    int ends[2];
    size_t written;
    static char data[MUCH], got[MUCH];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    long room = fcntl(ends[1], F_GETPIPE_SZ);
    assert_int_equal(rg_write_all(ends[1], data, MUCH, &written), -EAGAIN);
    assert_int_equal(written, room);
    assert_int_equal(rg_write_all(ends[1], data, 1, &written), -EAGAIN);
    assert_int_equal(written, 0);
    // It takes up again.
    assert_int_equal(read(ends[0], got, MUCH), room);
    assert_int_equal(rg_write_all(ends[1], data, 1, &written), 0);
    close(ends[0]);
    assert_int_equal(rg_write_all(ends[1], data, 1, &written), -EPIPE);
    close(ends[1]);
}

static void *wait_for_end(void *arg) {
    char byte;
    require(read(*(int *)arg, &byte, 1) == 0);
    return arg;
}

static int next_descriptor(void) {
    int fd = dup(0);
    close(fd);
    return fd;
}

static void gives_up_on_a_terminal_that_is_not_read(void **state) {
    (void)state;
    int master, terminal, ends[2];
    pthread_t other;
    size_t written;
    static char data[MUCH], got[MUCH];
    assert_int_equal(openpty(&master, &terminal, NULL, NULL, NULL), 0);
    // Among several threads nobody is waited for long.
    assert_int_equal(pipe(ends), 0);
    require(pthread_create(&other, NULL, wait_for_end, &ends[0]) == 0);
    int flags = fcntl(terminal, F_GETFL), next = next_descriptor();
    assert_int_equal(rg_write_all(terminal, data, MUCH, &written), -EAGAIN);
    assert_in_range(written, 1, MUCH - 1);
    assert_int_equal(fcntl(terminal, F_GETFL), flags);
    assert_int_equal(next_descriptor(), next);
    // It takes up again.
    for (size_t n = 0; n < written;) {
        ssize_t r = read(master, got, MUCH);
        require(r > 0);
        n += (size_t)r;
    }
    assert_int_equal(rg_write_all(terminal, data, 1, &written), 0);
    assert_int_equal(read(master, got, MUCH), 1);
    close(ends[1]);
    pthread_join(other, NULL);
    close(ends[0]);
    close(master);
    close(terminal);
}

static void takes_the_side_of_a_terminal_that_it_was_given(void **state) {
    (void)state;
    int master, terminal;
    size_t written;
    char got[10];
    struct termios raw;
    assert_int_equal(openpty(&master, &terminal, NULL, NULL, NULL), 0);
    assert_int_equal(tcgetattr(terminal, &raw), 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(terminal, TCSANOW, &raw), 0);
    assert_int_equal(rg_write_all(master, "typed", 5, &written), 0);
    assert_int_equal(read(terminal, got, sizeof got), 5);
    assert_int_equal(rg_write_all(terminal, "told", 4, &written), 0);
    assert_int_equal(read(master, got, sizeof got), 4);
    close(master);
    close(terminal);
}

static void writes_whole_lines_at_once(void **state) {
    (void)state;
    int ends[2];
    size_t written;
    char text[PIPE_BUF + 100], got[PIPE_BUF];
    memset(text, 'x', sizeof text);
    text[999] = text[3999] = '\n';
    // A packet is what was written at once.
    assert_int_equal(pipe2(ends, O_DIRECT), 0);
    assert_int_equal(rg_write_all(ends[1], text, sizeof text, &written), 0);
    assert_int_equal(read(ends[0], got, sizeof got), 4000);
    assert_int_equal(read(ends[0], got, sizeof got), sizeof text - 4000);
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_can_be_read),
        cmocka_unit_test(takes_any_value_for_an_address),
        cmocka_unit_test(leaves_errno_and_the_signal_mask_alone),
        cmocka_unit_test(reads_a_file_as_far_as_it_fits),
        cmocka_unit_test(waits_for_a_slow_reader),
        cmocka_unit_test(gives_up_on_one_that_does_not_read),
        cmocka_unit_test(gives_up_on_a_terminal_that_is_not_read),
        cmocka_unit_test(takes_the_side_of_a_terminal_that_it_was_given),
        cmocka_unit_test(writes_whole_lines_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
