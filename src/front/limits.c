// SPDX-License-Identifier: MIT
// How a program limits itself. A limit on address space (a shell's `ulimit -v`) is meant for what the program
// has, not for what the guard has reserved ahead, which is given back first. See limits.h for sandboxes. No
// state.
#include "front/limits.h"

#include "base/compiler.h"
#include "base/sys.h"
#include "base/vmem.h"
#include "front/calls.h"
#include "front/init.h"
#include "stack/libunwind.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>

static long finish(long ret) {
    if (ret < 0) {
        errno = (int)-ret;
        return -1;
    }
    return ret;
}

long rg_own_prlimit(long pid, long resource, long limit, long old, long unused5, long unused6) {
    (void)unused5;
    (void)unused6;
    // Of an int only the lower half of the register is defined.
    bool is_own = (int)pid == 0 || (int)pid == rg_getpid();
    if ((int)resource == RLIMIT_AS && limit && is_own) {
        rg_vmem_trim();
    }
    return finish(rg_sys4(SYS_prlimit64, (int)pid, (int)resource, limit, old));
}

long rg_own_setrlimit(long resource, long limit, long unused3, long unused4, long unused5,
                      long unused6) {
    (void)unused3;
    (void)unused4;
    return rg_own_prlimit(0, resource, limit, 0, unused5, unused6);
}

void rg_limits_enter_sandbox(void) {
    rg_vmem_forbid_files();
    rg_write_without_opening();
    // With several threads it was opened when the first was created.
    if (__libc_single_threaded && !rg_init_is_aside()) {
        rg_libunwind_open();
    }
}

long rg_own_prctl(long option, long b, long c, long d, long e, long unused6) {
    (void)unused6;
    if ((int)option == PR_SET_SECCOMP || (int)option == PR_SET_NO_NEW_PRIVS) {
        rg_limits_enter_sandbox();
    }
    return finish(rg_sys6(SYS_prctl, (int)option, b, c, d, e, 0));
}

long rg_own_chroot(long path, long unused2, long unused3, long unused4, long unused5,
                   long unused6) {
    (void)unused2;
    (void)unused3;
    (void)unused4;
    (void)unused5;
    (void)unused6;
    rg_limits_enter_sandbox();
    return finish(rg_sys2(SYS_chroot, path, 0));
}

RG_EXPORT int mlockall(int flags) {
    if (flags & MCL_FUTURE) {
        rg_vmem_note_locking();
    }
    return (int)finish(rg_sys2(SYS_mlockall, flags, 0));
}
