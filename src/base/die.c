// SPDX-License-Identifier: MIT
// See die.h. State: the hook, set once; which thread is dying.
#include "base/die.h"

#include "base/fmt.h"
#include "base/sys.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { PATIENCE_MS = 10000 };

static void (*tell_stack)(const char *line, const void *context);
static _Atomic int dying; // the first thread that came here

void rg_die_set_hook(void (*tell)(const char *line, const void *context)) {
    tell_stack = tell;
}

void rg_end_by(int signal) {
    struct {
        uintptr_t handler;
        unsigned long flags;
        uintptr_t restorer;
        uint64_t mask;
    } action = {0};
    uint64_t set = 1UL << (signal - 1);
    rg_sys4(SYS_rt_sigaction, signal, (long)&action, 0, 8);
    rg_sys4(SYS_rt_sigprocmask, SIG_UNBLOCK, (long)&set, 0, 8);
    rg_sys3(SYS_tgkill, rg_getpid(), rg_gettid(), signal);
    for (;;) {
        rg_sys2(SYS_exit_group, 128 + signal, 0);
    }
}

void rg_die_at(const char *file, int line, const char *sentence, long value, int signal,
               const void *context) {
    char text[500];
    struct rg_buf b;
    int first = 0, own = rg_gettid();
    if (!atomic_compare_exchange_strong(&dying, &first, own) && first != own) {
        // That thread is about to end the process; its stack must get out first.
        rg_sys3(SYS_poll, 0, 0, PATIENCE_MS);
        rg_end_by(signal);
    }
    rg_buf_init(&b, text, sizeof text);
    rg_buf_fmt(&b, "realloc_guard: internal error: %s", sentence);
    if (value) {
        rg_buf_fmt(&b, value > -4096 && value < 4096 ? " (%ld)" : " (0x%lx)", value);
    }
    rg_buf_fmt(&b, " (%s:%d)", file, line);
    rg_say(2, "%s", text);
    // Otherwise this is a fault in the hook.
    if (tell_stack && first == 0) {
        tell_stack(text, context);
    }
    rg_end_by(signal);
}
