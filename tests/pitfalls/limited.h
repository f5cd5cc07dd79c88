// SPDX-License-Identifier: MIT
// A program that runs under a limit of its own address space from its start on.
#ifndef TESTS_PITFALLS_LIMITED_H
#define TESTS_PITFALLS_LIMITED_H

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

// To be called first in main: returns where the limit is in force.
static inline void limit_address_space(char **argv, rlim_t bytes) {
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    if (limit.rlim_cur == RLIM_INFINITY) {
        limit.rlim_cur = bytes;
        setrlimit(RLIMIT_AS, &limit);
        execv(argv[0], argv);
        abort();
    }
}

#endif
