// SPDX-License-Identifier: MIT
// The end of the process: the summary, and the exit status that says that something was reported. exit,
// quick_exit, _exit, _Exit and a return from main are interposed to end with that status; the library's destructor
// prints the summary. A process that is killed, aborts or executes another program keeps its own status;
// its reports are out. State: whether the status has been replaced, atomic.
#include "front/exit.h"

#include "base/compiler.h"
#include "base/options.h"
#include "base/sys.h"
#include "front/init.h"
#include "front/next.h"
#include "report/report.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static _Atomic bool status_is_replaced;

int rg_exit_status(int status) {
    // A vfork child runs on its parent's memory, and its end is not the end of that.
    if (rg_getpid() != rg_init_pid() || rg_options.exitcode == 0 || rg_report_count() == 0) {
        return status;
    }
    atomic_store(&status_is_replaced, true);
    return rg_options.exitcode;
}

__attribute__((destructor)) static void on_exit_of_library(void) {
    if (rg_getpid() != rg_init_pid()) {
        return;
    }
    rg_report_summary();
    bool replaced = atomic_load(&status_is_replaced);
    int status = rg_exit_status(0);
    if (status != 0 && !replaced) {
        // The first report came only now, in a handler of exit(), which goes on to end with the
        // program's own status. To end with another one, do the rest of its work here.
        fflush(NULL);
        rg_sys2(SYS_exit_group, status, 0);
    }
}

RG_NORETURN static void leave(int status) {
    status = rg_exit_status(status);
    if (rg_getpid() == rg_init_pid()) {
        rg_report_summary();
    }
    for (;;) {
        rg_sys2(SYS_exit_group, status, 0);
    }
}

RG_EXPORT void _exit(int status) {
    leave(status);
}

RG_EXPORT void _Exit(int status) {
    leave(status);
}

// The C library's functions.
static struct {
    void (*exit)(int);
    void (*quick_exit)(int);
} next;

__attribute__((constructor)) static void find_all(void) {
    rg_find_next("exit", &next.exit);
    rg_find_next("quick_exit", &next.quick_exit);
}

static void have_next(void) {
    if (rg_unlikely(!next.quick_exit)) {
        find_all();
    }
}

RG_EXPORT void exit(int status) {
    have_next();
    next.exit(rg_exit_status(status));
    __builtin_unreachable();
}

RG_EXPORT void quick_exit(int status) {
    // This one runs no destructor of a library.
    if (rg_getpid() == rg_init_pid()) {
        rg_report_summary();
    }
    have_next();
    next.quick_exit(rg_exit_status(status));
    __builtin_unreachable();
}
