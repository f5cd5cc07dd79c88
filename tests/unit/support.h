// SPDX-License-Identifier: MIT
// What the unit tests share: tests that run in a process of their own, claims about how code dies,
// requirements that threads can make, sandboxes, and random numbers that are the same in every run.
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/compiler.h"

#ifdef NDEBUG
#error "these tests need their assertions"
#endif

// Most modules keep state for the life of the process, so each of their tests gets a fresh one.
struct isolated_test {
    void (*fn)(void);
};

// Runs fn in a child; returns its wait status. What the child writes to standard error goes to
// error_fd where that is not negative.
static inline int run_in_child(void (*fn)(void), int error_fd) {
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        // A failed assertion must end the child, not go on with the parent's next test.
        setenv("CMOCKA_TEST_ABORT", "1", 1);
        if (error_fd >= 0) {
            dup2(error_fd, 2);
        }
        fn();
        exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static inline void run_isolated_test(void **state) {
    const struct isolated_test *test = *state;
    int status = run_in_child(test->fn, -1);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        skip();
    }
    assert_int_equal(status, 0);
}

// A row of the table of tests, for a test `void fn(void)`.
#define isolated(fn)                                                                               \
    {                                                                                              \
#fn, run_isolated_test, NULL, NULL, &(struct isolated_test) {                              \
            fn                                                                                     \
        }                                                                                          \
    }

// In an isolated test: what it needs is not to be had here.
static inline RG_NORETURN void skip_isolated(const char *why) {
    fprintf(stderr, "skipped: %s\n", why);
    exit(77);
}

// fn must die by SIGABRT with the sentence on standard error.
static inline RG_UNUSED void assert_dies(void (*fn)(void), const char *sentence) {
    int ends[2];
    char said[2000];
    assert_int_equal(pipe(ends), 0);
    int status = run_in_child(fn, ends[1]);
    close(ends[1]);
    ssize_t n = read(ends[0], said, sizeof said - 1);
    close(ends[0]);
    said[n > 0 ? n : 0] = 0;
    if (!strstr(said, sentence)) {
        fail_msg("it did not say \"%s\" but \"%s\"", sentence, said);
    }
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

// An assertion for any thread and for hot loops.
#define require(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: this does not hold: %s\n", __FILE__, __LINE__, #condition);    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

// splitmix64
static inline uint64_t next_random(uint64_t *state) {
    uint64_t x = *state += 0x9e3779b97f4a7c15UL;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9UL;
    x = (x ^ x >> 27) * 0x94d049bb133111ebUL;
    return x ^ x >> 31;
}

// From 0 to n - 1.
static inline size_t random_below(uint64_t *state, size_t n) {
    return (size_t)(next_random(state) % n);
}

// In an isolated test: from here on the kernel filters system calls, as in a sandbox.
static inline RG_UNUSED void enter_sandbox(struct sock_filter *filter, size_t count) {
    struct sock_fprog program = {(unsigned short)count, filter};
    assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

// The same, where a call with this value (its low 32 bits) of its argument `arg` fails.
static inline RG_UNUSED void refuse_call(uint32_t call, unsigned arg, uint32_t value,
                                         uint32_t error) {
    const uint32_t value_at =
        (uint32_t)(offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t));
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, value_at),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    enter_sandbox(filter, RG_ARRAY_LEN(filter));
}

#endif
