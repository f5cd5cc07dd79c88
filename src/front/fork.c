// SPDX-License-Identifier: MIT
// See fork.h. Between prepare and the end of the fork every lock is held by the forking thread, so the
// child finds all metadata in a consistent state. Whether this is a child that has not got its heap yet is
// told by a page that the kernel wipes on fork (and not on vfork).
#include "front/fork.h"

#include "base/compiler.h"
#include "base/die.h"
#include "base/fmt.h"
#include "base/lock.h"
#include "base/options.h"
#include "base/sys.h"
#include "base/vmem.h"
#include "front/bounce.h"
#include "front/failing.h"
#include "front/init.h"
#include "front/leaks.h"
#include "front/limits.h"
#include "front/lost.h"
#include "front/next.h"
#include "front/overrun.h"
#include "front/scratch.h"
#include "front/thread.h"
#include "heap/heap.h"
#include "heap/redzone.h"
#include "report/report.h"

#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>
#include <unistd.h>

// Holds 1 in a process whose heap is in order, 0 in a child that has just been forked.
static _Atomic int *in_order;
static bool have_snapshot;

static bool is_child;

bool rg_fork_is_child(void) {
    return is_child;
}

static void prepare(void) {
    if (rg_init_is_active() && rg_options.redzone > 0) {
        rg_overrun_check(RG_OP_FORK);
    }
    rg_lock_all();
    have_snapshot = rg_vmem_snapshot_begin();
    if (have_snapshot) {
        rg_heap_fork_copy();
        rg_vmem_snapshot_end();
    }
}

static void finish_parent(void) {
    rg_vmem_snapshot_drop();
    rg_unlock_all();
}

static void restore(void) {
    if (!have_snapshot) {
        rg_say(2,
               "realloc_guard: a forked child ends here, for it has no heap: there was no memory "
               "for a copy of it, or it was created in a way that the guard does not see");
        rg_end_by(SIGABRT);
    }
    have_snapshot = false;
    rg_redzone_is_doubtful = rg_redzone_is_doubtful || !__libc_single_threaded;
    is_child = true;
    rg_vmem_snapshot_adopt();
    rg_heap_fork_restore(rg_scratch_is_at);
    rg_lock_reset_all();
    atomic_store(in_order, 1);
    rg_init_set_pid(rg_getpid());
    rg_thread_after_fork();
    rg_trace_after_fork();
    rg_report_after_fork();
    rg_thread_self.last.number = 0; // the child has reported nothing yet
    rg_failing_after_fork();
    rg_lost_after_fork();
    rg_leaks_after_fork();
}

bool rg_fork_restore_late(void) {
    if (rg_likely(!in_order || atomic_load(in_order) != 0)) {
        return false;
    }
    restore();
    return true;
}

static void finish_child(void) {
    rg_fork_restore_late();
    rg_lock_unmask();
}

// The C library's fork takes the lock of its list of streams after all handlers have run, while another
// thread may hold that, wait for a stream, and the stream's owner wait for one of our locks. So for fork
// that lock comes first; it is recursive. _Fork and clone do not take it.
void _IO_list_lock(void);
void _IO_list_unlock(void);
void _IO_list_resetlock(void);

static void prepare_fork(void) {
    _IO_list_lock();
    prepare();
}

static void finish_fork_parent(void) {
    finish_parent();
    _IO_list_unlock();
}

static void finish_fork_child(void) {
    finish_child();
    _IO_list_resetlock();
}

// The C library's functions, looked up while nothing can hold the loader's lock against us.
static struct {
    int (*register_atfork)(void (*)(void), void (*)(void), void (*)(void), void *);
    pid_t (*fork_only)(void);
} next;

__attribute__((constructor)) static void find_all(void) {
    rg_find_next("__register_atfork", &next.register_atfork);
    rg_find_next("_Fork", &next.fork_only);
}

static int register_handlers(void (*before)(void), void (*parent)(void), void (*child)(void),
                             void *dso) {
    if (rg_unlikely(!next.register_atfork)) {
        find_all();
    }
    return next.register_atfork(before, parent, child, dso);
}

void rg_fork_init(void) {
    if (in_order) {
        return;
    }
    in_order = rg_vmem_map_metadata(RG_PAGE_SIZE);
    if (!in_order) {
        rg_say(2, "realloc_guard: there is no memory for a page (a limit, such as that of ulimit "
                  "-v, is too "
                  "narrow for the guard); children of fork will not work");
        return;
    }
    if (rg_sys3(SYS_madvise, (long)in_order, RG_PAGE_SIZE, MADV_WIPEONFORK) != 0) {
        in_order = NULL;
        rg_say(2,
               "realloc_guard: this kernel has no MADV_WIPEONFORK (Linux 4.14); children of fork "
               "will not work");
        return;
    }
    atomic_store(in_order, 1);
    // Of no object: handlers of one are gone after its destructors, while other threads and the last flush of streams may
    // still fork.
    register_handlers(prepare_fork, finish_fork_parent, finish_fork_child, NULL);
}

// Every object's pthread_atfork ends here. Handlers of libraries whose constructors run before ours must
// not come between our handler and the fork either, so ours is registered at the first of all.
int __register_atfork(void (*before)(void), void (*parent)(void), void (*child)(void), void *dso);
RG_EXPORT int __register_atfork(void (*before)(void), void (*parent)(void), void (*child)(void),
                                void *dso) {
    rg_fork_init();
    return register_handlers(before, parent, child, dso);
}

// The child of a clone with a function of its own: held here, not on the parent's stack, and read while
// the parent holds every lock.
static struct {
    int (*fn)(void *);
    void *arg;
} clone_start;

static int start_clone(void *unused) {
    int (*fn)(void *) = clone_start.fn;
    void *arg = clone_start.arg;
    (void)unused;
    finish_child();
    return fn(arg);
}

RG_EXPORT pid_t _Fork(void) {
    if (rg_unlikely(!next.fork_only)) {
        find_all();
    }
    prepare();
    pid_t pid = next.fork_only();
    int saved_errno = errno;
    if (pid == 0) {
        finish_child();
    } else {
        finish_parent();
    }
    errno = saved_errno;
    return pid;
}

int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);

RG_EXPORT int clone(int (*fn)(void *), void *stack, int flags, void *arg, ...) {
    va_list ap;
    va_start(ap, arg);
    void *parent_tid = va_arg(ap, void *);
    void *tls = va_arg(ap, void *);
    void *child_tid = va_arg(ap, void *);
    va_end(ap);
    if (flags & CLONE_VM || !fn || !stack) {
        return __clone(fn, stack, flags, arg, parent_tid, tls, child_tid);
    }
    prepare();
    clone_start.fn = fn;
    clone_start.arg = arg;
    int pid = __clone(start_clone, stack, flags, NULL, parent_tid, tls, child_tid);
    int saved_errno = errno;
    finish_parent();
    errno = saved_errno;
    return pid;
}

// Whether a raw system call creates a process with a memory of its own.
static bool is_fork(long number, const long *a) {
    if (number == SYS_fork) {
        return true;
    }
    if (number == SYS_clone3) {
        const struct clone_args *args = (const struct clone_args *)a[0];
        return rg_is_readable(args, sizeof args->flags) && !(args->flags & CLONE_VM);
    }
    return number == SYS_clone && !(a[0] & CLONE_VM);
}

RG_EXPORT long syscall(long number, ...) {
    long a[6];
    va_list ap;
    va_start(ap, number);
    for (int i = 0; i < 6; i++) {
        a[i] = va_arg(ap, long);
    }
    va_end(ap);
    if (number == SYS_seccomp || (number == SYS_prctl && (int)a[0] == PR_SET_SECCOMP)) {
        rg_limits_enter_sandbox();
    }
    if (number == SYS_exit_group) {
        _exit((int)a[0]);
    }
    const struct rg_call *call = rg_call_of_number(number);
    struct rg_bounces bounces = {.call = call, .caller = RG_CALLER()};
    if (call && rg_unlikely(rg_call_is_stale(call, a))) {
        rg_bounce_begin(&bounces, a);
    }
    bool forks = rg_unlikely(is_fork(number, a));
    if (forks) {
        prepare();
    }
    long ret = rg_sys6(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (forks && ret == 0) {
        finish_child();
    } else if (forks) {
        finish_parent();
    }
    ret = rg_bounce_end(&bounces, ret);
    ret = bounces.is_refused ? -EFAULT : ret;
    if ((unsigned long)ret > -4096UL) {
        errno = (int)-ret;
        return -1;
    }
    return ret;
}
