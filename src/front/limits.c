// SPDX-License-Identifier: MIT
// setrlimit and prlimit. A limit on address space that the program sets itself (a shell's `ulimit -v`) is meant
// for what the program has, not for what the guard has reserved ahead, which is given back first. No state.
#include "base/sys.h"
#include "base/vmem.h"
#include "front/calls.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/resource.h>

long rg_own_prlimit(long pid, long resource, long limit, long old, long unused5, long unused6) {
    (void)unused5;
    (void)unused6;
    // Of an int only the lower half of the register is defined.
    bool is_own = (int)pid == 0 || (int)pid == rg_getpid();
    if ((int)resource == RLIMIT_AS && limit && is_own) {
        rg_vmem_trim();
    }
    long ret = rg_sys4(SYS_prlimit64, (int)pid, (int)resource, limit, old);
    if (ret < 0) {
        errno = (int)-ret;
        return -1;
    }
    return 0;
}

long rg_own_setrlimit(long resource, long limit, long unused3, long unused4, long unused5,
                      long unused6) {
    (void)unused3;
    (void)unused4;
    return rg_own_prlimit(0, resource, limit, 0, unused5, unused6);
}
