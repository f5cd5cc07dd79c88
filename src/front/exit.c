// SPDX-License-Identifier: MIT
// The end of the process: the summary, and the exit status that says that something was reported. exit,
// quick_exit, _exit, _Exit, daemon and a return from main are interposed to end with that status; the library's
// destructor, or its handler of quick_exit, prints the summary. A process that is killed, aborts or executes
// another program keeps its own status; its reports are out. State: whether the status has been replaced, atomic.
#include "front/exit.h"

#include "base/compiler.h"
#include "base/options.h"
#include "base/sys.h"
#include "front/census.h"
#include "front/init.h"
#include "front/leaks.h"
#include "front/lost.h"
#include "front/next.h"
#include "front/overrun.h"
#include "front/traced.h"
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static _Atomic bool status_is_replaced;
static _Atomic bool was_checked; // what was written past the ends of blocks has been looked for

int rg_exit_status(int status) {
    // A vfork child runs on its parent's memory, and its end is not the end of that.
    if (rg_getpid() != rg_init_pid()) {
        return status;
    }
    if (rg_init_is_active() && !atomic_exchange(&was_checked, true)) {
        rg_overrun_check(RG_OP_EXIT);
    }
    rg_traced_process_end();
    if (rg_options.exitcode == 0 || rg_report_count() == 0) {
        return status;
    }
    atomic_store(&status_is_replaced, true);
    return rg_options.exitcode;
}

// Prints the summary. Returns whether the first report came only now, in a handler of exit() or
// quick_exit(), which goes on to end with the program's own status: to end with *ret_status, the rest of
// its work is to be done here.
static bool finish(int *ret_status) {
    if (rg_getpid() != rg_init_pid()) {
        return false;
    }
    rg_report_summary();
    rg_census_write();
    bool replaced = atomic_load(&status_is_replaced);
    *ret_status = rg_exit_status(0);
    return *ret_status != 0 && !replaced;
}

__attribute__((destructor)) static void on_exit_of_library(void) {
    int status;
    if (finish(&status)) {
        fflush(NULL);
        rg_sys2(SYS_exit_group, status, 0);
    }
}

static void on_quick_exit(void *unused) {
    (void)unused;
    int status;
    if (finish(&status)) {
        rg_sys2(SYS_exit_group, status, 0);
    }
}

// Before any handler runs: what those free they must have found first.
static void check_lost(const struct rg_caller *caller) {
    if (rg_unlikely(atomic_load_explicit(&rg_lost_is_pending, memory_order_relaxed))) {
        rg_lost_check(caller);
    }
}

// Where a process leaves at once it has no need to free anything: _exit and quick_exit are no occasion for leaks.
static void check_all(const struct rg_caller *caller) {
    check_lost(caller);
    rg_leaks_check(caller);
}

RG_NORETURN static void leave(int status) {
    status = rg_exit_status(status);
    if (rg_getpid() == rg_init_pid()) {
        rg_report_summary();
        rg_census_write();
    }
    for (;;) {
        rg_sys2(SYS_exit_group, status, 0);
    }
}

RG_EXPORT void _exit(int status) {
    check_lost(&RG_CALLER());
    leave(status);
}

RG_EXPORT void _Exit(int status) {
    check_lost(&RG_CALLER());
    leave(status);
}

// The C library's functions.
static struct {
    void (*exit)(int);
    void (*quick_exit)(int);
    int (*daemon)(int, int);
} next;

__attribute__((constructor)) static void find_all(void) {
    rg_find_next("exit", &next.exit);
    rg_find_next("daemon", &next.daemon);
    rg_find_next("quick_exit", &next.quick_exit);
}

// Part of the C library's interface to compilers; at_quick_exit is linked into each object and calls it.
int __cxa_at_quick_exit(void (*handler)(void *), void *object);

// quick_exit runs no destructors of libraries. This handler is registered before those of the program, so it
// runs after them.
__attribute__((constructor)) static void register_handler(void) {
    __cxa_at_quick_exit(on_quick_exit, NULL);
}

static void have_next(void) {
    if (rg_unlikely(!next.quick_exit)) {
        find_all();
    }
}

RG_EXPORT void exit(int status) {
    have_next();
    check_all(&RG_CALLER());
    next.exit(rg_exit_status(status));
    __builtin_unreachable();
}

RG_EXPORT void quick_exit(int status) {
    have_next();
    check_lost(&RG_CALLER());
    next.quick_exit(rg_exit_status(status));
    __builtin_unreachable();
}

static int fail(long error) {
    errno = (int)-error;
    return -1;
}

// What the child of daemon does, step by step as the C library.
static int become_daemon(bool changes_folder, bool closes) {
    long error = rg_sys0(SYS_setsid);
    if (error < 0) {
        return fail(error);
    }
    if (changes_folder) {
        rg_sys2(SYS_chdir, (long)"/", 0);
    }
    if (!closes) {
        return 0;
    }
    struct stat st = {0};
    long fd = rg_sys3(SYS_open, (long)"/dev/null", O_RDWR, 0);
    if (fd < 0) {
        return fail(fd);
    }
    error = rg_sys2(SYS_fstat, fd, (long)&st);
    if (error == 0 && !(S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))) {
        error = -ENODEV;
    }
    for (int i = 0; i < 3 && error == 0; i++) {
        rg_sys2(SYS_dup2, fd, i);
    }
    if (fd > 2 || error < 0) {
        rg_sys2(SYS_close, fd, 0);
    }
    return error < 0 ? fail(error) : 0;
}

// The parent leaves within the C library, past our _exit. Where it has something to say it leaves here.
RG_EXPORT int daemon(int nochdir, int noclose) {
    have_next();
    if (rg_report_count() == 0 || rg_getpid() != rg_init_pid()) {
        return next.daemon(nochdir, noclose);
    }
    pid_t child = fork();
    if (child > 0) {
        leave(0);
    }
    return child < 0 ? -1 : become_daemon(!nochdir, !noclose);
}
