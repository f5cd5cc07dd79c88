// SPDX-License-Identifier: MIT
// With a limit on address space (ulimit -v) nothing may be wasted: of 3.9 GB a program gets 2.4 GB of blocks, whether they
// are of 100 kB, of a little over one megabyte, or of many sizes. Must stay silent.
#include "limited.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t next_size(size_t wish, size_t number) {
    return wish ? wish : (size_t)100 << number % 14;
}

// Tells how many megabytes can be had, up to 2,400.
static int allocate_all(size_t wish) {
    size_t got = 0;
    for (size_t n = 0; got < (size_t)2400 << 20; n++) {
        size_t size = next_size(wish, n);
        if (!malloc(size)) {
            break;
        }
        got += size;
    }
    return printf("blocks of %zu: %zu MB\n", wish, got >> 20) < 0;
}

int main(int argc, char **argv) {
    (void)argc;
    limit_address_space(argv, 3900000UL * 1024);
    static const size_t wishes[] = {100000, 1200000, 0};
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        fflush(stdout);
        if (fork() == 0) {
            int status = allocate_all(wishes[i]);
            fflush(stdout);
            _exit(status);
        }
        wait(NULL);
    }
    return 0;
}
