// SPDX-License-Identifier: MIT
// A program with a handler of its own, which may know what to do.
// OPTIONS: fail_realloc='site:*work*'
#include "doctor.h"

#include <setjmp.h>
#include <signal.h>

static sigjmp_buf before;

static void on_fault(int sig) {
    siglongjmp(before, sig);
}

static void work(void) {
    char *block = (char *)malloc(block_size);
    signal(SIGSEGV, on_fault);
    if (sigsetjmp(before, 1) == 0) {
        volatile char *larger = (char *)realloc(block, block_size * 2);
        larger[3] = 'x';
        block = (char *)larger;
    }
    puts("done");
    free(block);
}
