// SPDX-License-Identifier: MIT
// What the benchmark programs share: the same random numbers in every run, clocks, and how much memory
// the process has.
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static inline double ns_of(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline double now_ns(void) {
    return ns_of(CLOCK_MONOTONIC);
}

// A state is any number but zero.
static inline uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

// The figure after `key` in a file of /proc, in kB.
static inline long read_kb(const char *path, const char *key) {
    char text[8192];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (got <= 0) {
        exit(1);
    }
    close(fd);
    text[got] = '\0';
    const char *line = strstr(text, key);
    return line ? strtol(line + strlen(key), NULL, 10) : 0;
}

// Page tables are not in Pss.
static inline long memory_kb(void) {
    return read_kb("/proc/self/smaps_rollup", "\nPss:") + read_kb("/proc/self/status", "\nVmPTE:");
}

#endif
