// SPDX-License-Identifier: MIT
// See stop.h. State: what the helper and the thread that has made it tell each other; the helper's stack. The helper makes
// raw system calls only, since the thread-local memory it sees is the other's. It ends with its parent.
#include "front/stop.h"

#include "base/fmt.h"
#include "base/sys.h"
#include "base/vmem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

enum { STACK = 16 << 10, WAITS_MOST = 2000, NT_REGISTERS = 1 };

_Static_assert(sizeof(struct user_regs_struct) == RG_STOP_REGISTERS * sizeof(uintptr_t),
               "all of them are taken");

struct thread {
    int tid;
    int signal; // that was about to be delivered to it; 0: none
};

static struct stop {
    _Atomic enum { PREPARING, GO, STOPPED, FAILED, END } stage;
    int pid, caller, helper;
    size_t count;
    struct thread thread[RG_STOP_THREADS_MOST];
    uintptr_t registers[RG_STOP_THREADS_MOST * RG_STOP_REGISTERS];
    char list[4096] __attribute__((aligned(8)));
    char stack[STACK] __attribute__((aligned(16)));
} * stop;

static const size_t STOP_BYTES = (sizeof(struct stop) + RG_PAGE_SIZE - 1) & -(size_t)RG_PAGE_SIZE;

static void wait_a_moment(void) {
    struct timespec moment = {0, 1000000};
    rg_sys2(SYS_nanosleep, (long)&moment, 0);
}

static long ptrace_call(long request, int tid, long address, long data) {
    return rg_sys4(SYS_ptrace, request, tid, address, data);
}

static bool is_known(const struct stop *s, int tid) {
    for (size_t i = 0; i < s->count; i++) {
        if (s->thread[i].tid == tid) {
            return true;
        }
    }
    return tid == s->caller;
}

// Whether the thread has ended, though it is still in the list.
static bool has_ended(const struct stop *s, int tid) {
    char name[64], text[512];
    struct rg_buf b;
    rg_buf_init(&b, name, sizeof name);
    rg_buf_fmt(&b, "/proc/%d/task/%d/stat", s->pid, tid);
    long n = rg_read_file(name, text, sizeof text);
    const char *state = n > 0 ? strrchr(text, ')') : NULL;
    return n <= 0 || (state && (state[2] == 'Z' || state[2] == 'X'));
}

static bool has_registers(struct stop *s, int tid) {
    struct iovec to = {&s->registers[s->count * RG_STOP_REGISTERS],
                       RG_STOP_REGISTERS * sizeof s->registers[0]};
    return ptrace_call(PTRACE_GETREGSET, tid, NT_REGISTERS, (long)&to) == 0 &&
           to.iov_len == RG_STOP_REGISTERS * sizeof s->registers[0];
}

// False: it cannot be stopped.
static bool stop_thread(struct stop *s, int tid) {
    int status = 0;
    if (ptrace_call(PTRACE_SEIZE, tid, 0, 0) != 0) {
        return has_ended(s, tid);
    }
    if (ptrace_call(PTRACE_INTERRUPT, tid, 0, 0) != 0) {
        return has_ended(s, tid);
    }
    long waited;
    do {
        waited = rg_sys4(SYS_wait4, tid, (long)&status, __WALL, 0);
    } while (waited == -EINTR);
    if (waited != tid || !WIFSTOPPED(status)) {
        return true; // it has ended meanwhile
    }
    bool is_signal = status >> 16 == 0;
    s->thread[s->count] = (struct thread){tid, is_signal ? WSTOPSIG(status) : 0};
    bool is_complete = has_registers(s, tid);
    s->count++;
    return is_complete;
}

// Those in the list that are not stopped yet; *ret_new: whether there were any. False: one cannot be stopped.
static bool stop_listed(struct stop *s, bool *ret_new) {
    char name[64];
    struct rg_buf b;
    rg_buf_init(&b, name, sizeof name);
    rg_buf_fmt(&b, "/proc/%d/task", s->pid);
    long dir = rg_sys3(SYS_open, (long)name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), n = -1;
    bool is_complete = dir >= 0;
    *ret_new = false;
    dir = dir >= 0 ? rg_move_up((int)dir) : dir;
    while (is_complete && (n = rg_sys3(SYS_getdents64, dir, (long)s->list, sizeof s->list)) > 0) {
        for (long at = 0; at < n && is_complete;) {
            const struct dirent64 *entry = (const struct dirent64 *)(s->list + at);
            int tid = 0;
            for (const char *c = entry->d_name; *c >= '0' && *c <= '9'; c++) {
                tid = tid * 10 + (*c - '0');
            }
            if (tid > 0 && !is_known(s, tid) && !has_ended(s, tid)) {
                is_complete = s->count < RG_STOP_THREADS_MOST && stop_thread(s, tid);
                *ret_new = true;
            }
            at += entry->d_reclen;
        }
    }
    if (dir >= 0) {
        rg_sys2(SYS_close, dir, 0);
    }
    return is_complete && n == 0;
}

// Threads that are not stopped yet may make others.
static bool stop_all(struct stop *s) {
    bool is_complete = true;
    for (bool is_new = true; is_new && is_complete;) {
        is_complete = stop_listed(s, &is_new);
    }
    return is_complete;
}

static int help(void *arg) {
    struct stop *s = arg;
    rg_sys2(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
    while (atomic_load(&s->stage) == PREPARING) {
        wait_a_moment();
    }
    atomic_store(&s->stage, stop_all(s) ? STOPPED : FAILED);
    while (atomic_load(&s->stage) == STOPPED) {
        wait_a_moment();
    }
    for (size_t i = 0; i < s->count; i++) {
        ptrace_call(PTRACE_DETACH, s->thread[i].tid, 0, s->thread[i].signal);
    }
    return 0;
}

int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);

// Where a security module lets a process be traced by those only that it names.
static void allow(int helper) {
    rg_sys2(SYS_prctl, PR_SET_PTRACER, helper);
}

bool rg_stop_others(void) {
    stop = rg_vmem_map_metadata(STOP_BYTES);
    if (!stop) {
        return false;
    }
    int saved_errno = errno;
    stop->pid = rg_getpid();
    stop->caller = rg_gettid();
    // With no signal at its end, it is a child that the program's own calls of wait do not see.
    stop->helper = __clone(help, stop->stack + STACK, CLONE_VM | CLONE_FS | CLONE_FILES, stop);
    errno = saved_errno;
    if (stop->helper < 0) {
        rg_vmem_unmap(stop, STOP_BYTES);
        return false;
    }
    allow(stop->helper);
    atomic_store(&stop->stage, GO);
    for (int waits = 0; atomic_load(&stop->stage) == GO && waits < WAITS_MOST; waits++) {
        wait_a_moment();
    }
    if (atomic_load(&stop->stage) == STOPPED) {
        return true;
    }
    rg_stop_end();
    return false;
}

const uintptr_t *rg_stop_registers(size_t *ret_count) {
    *ret_count = stop->count * RG_STOP_REGISTERS;
    return stop->registers;
}

void rg_stop_end(void) {
    // One that still waits for a thread has to be ended; the kernel lets go of all threads then.
    if (atomic_exchange(&stop->stage, END) == GO) {
        rg_sys2(SYS_kill, stop->helper, SIGKILL);
    }
    while (rg_sys4(SYS_wait4, stop->helper, 0, __WALL, 0) == -EINTR) {
    }
    rg_vmem_unmap(stop, STOP_BYTES);
}
