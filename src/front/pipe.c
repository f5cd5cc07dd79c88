// SPDX-License-Identifier: MIT
// pipe2, for the sake of libunwind: at the first fault it opens a pipe for questions to the kernel, and the
// program must find the next free descriptors as they were. State: the C library's function.
#include "base/sys.h"
#include "front/calls.h"
#include "front/next.h"
#include "front/thread.h"

#include <fcntl.h>

enum { FIRST_FD = 500 }; // descriptors below are left to the program, where the limit allows

static rg_call_fn *next_pipe2;

__attribute__((constructor)) static void find(void) {
    rg_find_next("pipe2", &next_pipe2);
}

static void move_up(int *fd) {
    long high = rg_sys3(SYS_fcntl, *fd, F_DUPFD_CLOEXEC, FIRST_FD);
    if (high >= 0) {
        rg_sys2(SYS_close, *fd, 0);
        *fd = (int)high;
    }
}

long rg_own_pipe2(long ends, long flags, long c, long d, long e, long f) {
    if (rg_unlikely(!next_pipe2)) {
        find();
    }
    long result = next_pipe2(ends, flags, c, d, e, f);
    if (rg_unlikely(rg_thread_self.in_fault) && (int)result == 0) {
        move_up(&((int *)ends)[0]);
        move_up(&((int *)ends)[1]);
    }
    return result;
}
