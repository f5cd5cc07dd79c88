// SPDX-License-Identifier: MIT
// See signal_mask.h. The exported functions that take a mask.
#include "front/signal_mask.h"

#include "base/compiler.h"
#include "base/sys.h"
#include "front/calls.h"
#include "front/init.h"
#include "front/next.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>

long rg_mask_change(int how, const uint64_t *set, uint64_t *old) {
    return rg_sys4(SYS_rt_sigprocmask, how, (long)set, (long)old, 8);
}

uint64_t rg_mask_to_kernel(uint64_t mask) {
    if (rg_unlikely(!rg_init_is_active())) {
        return mask;
    }
    uint64_t kernel = mask & ~(rg_mask_bit(SIGSEGV) | rg_mask_bit(RG_SEGV_STAND_IN));
    return mask & rg_mask_bit(SIGSEGV) ? kernel | rg_mask_bit(RG_SEGV_STAND_IN) : kernel;
}

uint64_t rg_mask_from_kernel(uint64_t mask) {
    uint64_t stand_in = rg_mask_bit(RG_SEGV_STAND_IN);
    if (!(mask & stand_in) || !rg_init_is_active()) {
        return mask;
    }
    // A mask that blocks nearly everything was filled, and had the stand-in's own bit too.
    bool was_filled = __builtin_popcountl(mask) > 48;
    return (was_filled ? mask : mask & ~stand_in) | rg_mask_bit(SIGSEGV);
}

void rg_mask_init(void) {
    uint64_t old = 0;
    rg_mask_change(SIG_BLOCK, NULL, &old);
    if (old & rg_mask_bit(SIGSEGV)) {
        // In one step: a SIGSEGV may be pending.
        uint64_t mask = rg_mask_to_kernel(old);
        rg_mask_change(SIG_SETMASK, &mask, NULL);
    }
}

bool rg_mask_is_segv_blocked(const ucontext_t *context) {
    return rg_mask_get(&context->uc_sigmask) & rg_mask_bit(RG_SEGV_STAND_IN);
}

// Returns 0 or an errno value; `old` shows what the program believes.
static int mask_signals(int how, const sigset_t *set, sigset_t *old) {
    uint64_t want = 0, before = 0;
    if (set) {
        // The C library keeps its two internal signals (32 and 33) for itself.
        want = rg_mask_to_kernel(rg_mask_get(set)) & ~(rg_mask_bit(32) | rg_mask_bit(33));
    }
    long ret = rg_mask_change(how, set ? &want : NULL, &before);
    if (ret < 0) {
        return (int)-ret;
    }
    if (old) {
        sigemptyset(old);
        rg_mask_put(old, rg_mask_from_kernel(before));
    }
    return 0;
}

RG_EXPORT int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old) {
    int error = mask_signals(how, set, old);
    if (error) {
        errno = error;
        return -1;
    }
    return 0;
}

RG_EXPORT int pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old) {
    return mask_signals(how, set, old);
}

// The program's mask for the time of a call, or NULL.
static const sigset_t *translate(const sigset_t *set, sigset_t *room) {
    if (!set) {
        return NULL;
    }
    *room = *set;
    rg_mask_put(room, rg_mask_to_kernel(rg_mask_get(set)));
    return room;
}

// The C library's own functions, which stay cancellation points.
static struct {
    int (*sigsuspend)(const sigset_t *);
    int (*sigtimedwait)(const sigset_t *, siginfo_t *, const struct timespec *);
    int (*sigwait)(const sigset_t *, int *);
    int (*ppoll)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
    int (*ppoll_checked)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *,
                         size_t);
    int (*pselect)(int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *);
    int (*epoll_pwait)(int, struct epoll_event *, int, int, const sigset_t *);
    int (*epoll_pwait2)(int, struct epoll_event *, int, const struct timespec *, const sigset_t *);
    int (*pthread_attr_setsigmask_np)(pthread_attr_t *, const sigset_t *);
} next;

__attribute__((constructor)) static void find_all(void) {
    rg_find_next("sigsuspend", &next.sigsuspend);
    rg_find_next("sigtimedwait", &next.sigtimedwait);
    rg_find_next("sigwait", &next.sigwait);
    rg_find_next("ppoll", &next.ppoll);
    rg_find_next("__ppoll_chk", &next.ppoll_checked);
    rg_find_next("pselect", &next.pselect);
    rg_find_next("epoll_pwait", &next.epoll_pwait);
    rg_find_next("epoll_pwait2", &next.epoll_pwait2);
    rg_find_next("pthread_attr_setsigmask_np", &next.pthread_attr_setsigmask_np);
}

static void have_next(void) {
    if (rg_unlikely(!next.pthread_attr_setsigmask_np)) {
        find_all();
    }
}

RG_EXPORT int sigsuspend(const sigset_t *set) {
    sigset_t room;
    have_next();
    return next.sigsuspend(translate(set, &room));
}

// The signal that a call waited for, as the program knows it.
static int shown_signal(int sig, siginfo_t *info) {
    if (sig != RG_SEGV_STAND_IN || !rg_init_is_active()) {
        return sig;
    }
    if (info) {
        info->si_signo = SIGSEGV;
        info->si_errno = 0;
    }
    return SIGSEGV;
}

// What to wait for: a SIGSEGV may come to the waiting thread before any of our handlers.
static const sigset_t *translate_awaited(const sigset_t *set, sigset_t *room) {
    const sigset_t *kernel = translate(set, room);
    if (kernel && sigismember(set, SIGSEGV) == 1) {
        sigaddset(room, SIGSEGV);
    }
    return kernel;
}

// These are called by the exported functions of the same names, which calls.def makes.
long rg_own_sigtimedwait(long set, long info, long timeout, long d, long e, long f) {
    sigset_t room;
    siginfo_t *shown = (siginfo_t *)info;
    (void)d, (void)e, (void)f;
    have_next();
    return shown_signal(next.sigtimedwait(translate_awaited((const sigset_t *)set, &room), shown,
                                          (const struct timespec *)timeout),
                        shown);
}

long rg_own_sigwaitinfo(long set, long info, long c, long d, long e, long f) {
    (void)c;
    return rg_own_sigtimedwait(set, info, 0, d, e, f);
}

RG_EXPORT int sigwait(const sigset_t *restrict set, int *restrict ret) {
    sigset_t room;
    have_next();
    int error = next.sigwait(translate_awaited(set, &room), ret);
    if (error == 0) {
        *ret = shown_signal(*ret, NULL);
    }
    return error;
}

RG_EXPORT int sigpending(sigset_t *set) {
    uint64_t pending = 0, stand_in = rg_mask_bit(RG_SEGV_STAND_IN);
    rg_sys2(SYS_rt_sigpending, (long)&pending, 8);
    sigemptyset(set);
    bool shown = pending & stand_in && rg_init_is_active();
    rg_mask_put(set, shown ? (pending & ~stand_in) | rg_mask_bit(SIGSEGV) : pending);
    return 0;
}

long rg_own_ppoll(long fds, long count, long timeout, long set, long e, long f) {
    sigset_t room;
    (void)e, (void)f;
    have_next();
    return next.ppoll((struct pollfd *)fds, (nfds_t)count, (const struct timespec *)timeout,
                      translate((const sigset_t *)set, &room));
}

long rg_own_ppoll_checked(long fds, long count, long timeout, long set, long bytes, long f) {
    sigset_t room;
    (void)f;
    have_next();
    return next.ppoll_checked((struct pollfd *)fds, (nfds_t)count, (const struct timespec *)timeout,
                              translate((const sigset_t *)set, &room), (size_t)bytes);
}

long rg_own_pselect(long count, long in, long out, long bad, long timeout, long set) {
    sigset_t room;
    have_next();
    return next.pselect((int)count, (fd_set *)in, (fd_set *)out, (fd_set *)bad,
                        (const struct timespec *)timeout, translate((const sigset_t *)set, &room));
}

long rg_own_epoll_pwait(long fd, long events, long most, long timeout, long set, long f) {
    sigset_t room;
    (void)f;
    have_next();
    return next.epoll_pwait((int)fd, (struct epoll_event *)events, (int)most, (int)timeout,
                            translate((const sigset_t *)set, &room));
}

long rg_own_epoll_pwait2(long fd, long events, long most, long timeout, long set, long f) {
    sigset_t room;
    (void)f;
    have_next();
    return next.epoll_pwait2((int)fd, (struct epoll_event *)events, (int)most,
                             (const struct timespec *)timeout,
                             translate((const sigset_t *)set, &room));
}

RG_EXPORT int pthread_attr_setsigmask_np(pthread_attr_t *attr, const sigset_t *set) {
    sigset_t room;
    have_next();
    return next.pthread_attr_setsigmask_np(attr, translate(set, &room));
}
