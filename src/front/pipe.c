// SPDX-License-Identifier: MIT
// pipe2, for the sake of libunwind: at the first fault it opens a pipe for questions to the kernel, and the
// program must find the next free descriptors as they were. State: the C library's function.
#include "base/sys.h"
#include "front/calls.h"
#include "front/next.h"
#include "front/thread.h"

static rg_call_fn *next_pipe2;

__attribute__((constructor)) static void find(void) {
    rg_find_next("pipe2", &next_pipe2);
}

long rg_own_pipe2(long ends, long flags, long c, long d, long e, long f) {
    if (rg_unlikely(!next_pipe2)) {
        find();
    }
    long result = next_pipe2(ends, flags, c, d, e, f);
    if (rg_unlikely(rg_thread_self.in_fault) && (int)result == 0) {
        ((int *)ends)[1] = rg_move_up(((int *)ends)[1]);
        ((int *)ends)[0] = rg_move_up(((int *)ends)[0]);
    }
    return result;
}
