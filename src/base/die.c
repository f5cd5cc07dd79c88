// SPDX-License-Identifier: MIT
// See die.h.
#include "base/die.h"

#include "base/fmt.h"
#include "base/sys.h"

#include <signal.h>
#include <stdint.h>

void rg_die_at(const char *file, int line, const char *sentence, long value) {
    if (value) {
        rg_say(2, "realloc_guard: internal error: %s (%ld) (%s:%d)", sentence, value, file, line);
    } else {
        rg_say(2, "realloc_guard: internal error: %s (%s:%d)", sentence, file, line);
    }
    // The default action of SIGABRT, unblocked, without entering the C library's abort lock.
    struct {
        uintptr_t handler;
        unsigned long flags;
        uintptr_t restorer;
        uint64_t mask;
    } action = {0};
    uint64_t set = 1UL << (SIGABRT - 1);
    rg_sys4(SYS_rt_sigaction, SIGABRT, (long)&action, 0, 8);
    rg_sys4(SYS_rt_sigprocmask, SIG_UNBLOCK, (long)&set, 0, 8);
    rg_sys3(SYS_tgkill, rg_getpid(), rg_gettid(), SIGABRT);
    for (;;) {
        rg_sys2(SYS_exit_group, 134, 0);
    }
}
