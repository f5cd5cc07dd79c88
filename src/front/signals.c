// SPDX-License-Identifier: MIT
// See signals.h. State: the program's dispositions, under the SIGNALS lock with every signal blocked,
// so that a handler may call sigaction too; the virtual mask, in the thread. Fork: inherited.
#include "front/signals.h"

#include "base/die.h"
#include "base/lock.h"
#include "base/sys.h"
#include "front/thread.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

// The C library's own, past any wrapper.
int __sigaction(int sig, const struct sigaction *act, struct sigaction *old);

enum { SIGNALS = 65 };

static struct sigaction segv_action, trap_action; // what the program has asked for
static uint64_t stripped[SIGNALS]; // bits of ours that other signals' masks were to have

static uint64_t bit(int sig) {
    return 1UL << (sig - 1);
}

#define OURS (1UL << (SIGSEGV - 1) | 1UL << (SIGTRAP - 1))

// sigset_t begins with the kernel's 64 bits.
static uint64_t get_mask(const sigset_t *set) {
    uint64_t mask;
    memcpy(&mask, set, sizeof mask);
    return mask;
}

static void set_mask(sigset_t *set, uint64_t mask) {
    memcpy(set, &mask, sizeof mask);
}

static long change_mask(int how, const uint64_t *set, uint64_t *old) {
    return rg_sys4(SYS_rt_sigprocmask, how, (long)set, (long)old, 8);
}

static uint64_t lock_signals(void) {
    uint64_t all = ~OURS, old = 0;
    change_mask(SIG_BLOCK, &all, &old);
    rg_lock(RG_LOCK_SIGNALS);
    return old;
}

static void unlock_signals(uint64_t old) {
    rg_unlock(RG_LOCK_SIGNALS);
    change_mask(SIG_SETMASK, &old, NULL);
}

static struct sigaction *virtual_action(int sig) {
    return sig == SIGSEGV ? &segv_action : sig == SIGTRAP ? &trap_action : NULL;
}

static bool is_handler(const struct sigaction *a) {
    return a->sa_handler != SIG_DFL && a->sa_handler != SIG_IGN;
}

// Our handler in the kernel, on the stack that the program's own would run on.
static int install(int sig) {
    const struct sigaction *user = virtual_action(sig);
    struct sigaction a = {.sa_sigaction = sig == SIGSEGV ? rg_fault_on_segv : rg_fault_on_trap};
    a.sa_flags =
        SA_SIGINFO | (is_handler(user) ? user->sa_flags & (SA_ONSTACK | SA_RESTART) : SA_ONSTACK);
    sigfillset(&a.sa_mask);
    return __sigaction(sig, &a, NULL);
}

static int set_virtual(int sig, const struct sigaction *act, struct sigaction *old) {
    struct sigaction *user = virtual_action(sig);
    struct sigaction before = *user;
    if (act) {
        *user = *act;
        install(sig);
    }
    if (old) {
        *old = before;
    }
    return 0;
}

static int set_other(int sig, const struct sigaction *act, struct sigaction *old) {
    struct sigaction kernel, before;
    if (act) {
        kernel = *act;
        set_mask(&kernel.sa_mask, get_mask(&act->sa_mask) & ~OURS);
    }
    int ret = __sigaction(sig, act ? &kernel : NULL, &before);
    if (ret != 0) {
        return ret;
    }
    if (old) {
        *old = before;
        set_mask(&old->sa_mask, get_mask(&before.sa_mask) | stripped[sig]);
    }
    if (act) {
        stripped[sig] = get_mask(&act->sa_mask) & OURS;
    }
    return 0;
}

static int change_action(int sig, const struct sigaction *act, struct sigaction *old) {
    if (sig < 1 || sig >= SIGNALS) {
        errno = EINVAL;
        return -1;
    }
    uint64_t mask = lock_signals();
    int ret = virtual_action(sig) ? set_virtual(sig, act, old) : set_other(sig, act, old);
    unlock_signals(mask);
    return ret;
}

void rg_signals_init(void) {
    __sigaction(SIGSEGV, NULL, &segv_action);
    __sigaction(SIGTRAP, NULL, &trap_action);
    install(SIGSEGV);
    install(SIGTRAP);
    uint64_t old = 0, ours = OURS;
    change_mask(SIG_UNBLOCK, &ours, &old);
    rg_thread_self.virtual_mask = old & OURS;
}

// Lets the default action happen: for a fault by running the instruction again, for a signal that was
// sent by sending it again.
static void take_default(int sig, const siginfo_t *info) {
    struct sigaction dfl = {.sa_handler = SIG_DFL};
    __sigaction(sig, &dfl, NULL);
    if (info->si_code <= 0) {
        rg_sys3(SYS_tgkill, rg_getpid(), rg_gettid(), sig);
    }
}

// Whether the program's SIGSEGV handler, which blocks SIGSEGV, is still being run: its frame is below
// the interrupted stack pointer, unless it was left by longjmp.
static bool is_in_handler(const ucontext_t *context) {
    uintptr_t sp = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
    uintptr_t handler = rg_thread_self.handler_sp;
    if (handler == 0 || sp > handler || handler - sp > (8 << 20)) {
        rg_thread_self.handler_sp = 0;
        return false;
    }
    return true;
}

static void call_handler(int sig, siginfo_t *info, ucontext_t *context,
                         const struct sigaction *user) {
    // The mask under which the kernel would have called it; SIGSEGV and SIGTRAP stay open for us.
    uint64_t mask = get_mask(&context->uc_sigmask) | get_mask(&user->sa_mask) | bit(sig);
    if (user->sa_flags & SA_NODEFER) {
        mask &= ~bit(sig) | get_mask(&user->sa_mask);
    }
    mask &= ~OURS;
    uintptr_t outer = rg_thread_self.handler_sp;
    if (sig == SIGSEGV && !(user->sa_flags & SA_NODEFER)) {
        rg_thread_self.handler_sp = (uintptr_t)__builtin_frame_address(0);
    }
    change_mask(SIG_SETMASK, &mask, NULL);
    if (user->sa_flags & SA_SIGINFO) {
        user->sa_sigaction(sig, info, context);
    } else {
        user->sa_handler(sig);
    }
    rg_thread_self.handler_sp = outer;
    // The handler may have asked for a mask to go on with that blocks our signals.
    set_mask(&context->uc_sigmask, get_mask(&context->uc_sigmask) & ~OURS);
}

void rg_signals_pass_on(int sig, siginfo_t *info, ucontext_t *context) {
    bool is_fault = info->si_code > 0;
    bool blocked =
        (rg_thread_self.virtual_mask & bit(sig)) != 0 || (sig == SIGSEGV && is_in_handler(context));
    rg_lock(RG_LOCK_SIGNALS);
    struct sigaction user = *virtual_action(sig);
    if (is_handler(&user) && user.sa_flags & SA_RESETHAND && !blocked) {
        virtual_action(sig)->sa_handler = SIG_DFL;
    }
    rg_unlock(RG_LOCK_SIGNALS);
    if (user.sa_handler == SIG_IGN && !is_fault) {
        return;
    }
    if (!is_handler(&user) || (blocked && is_fault)) {
        take_default(sig, info);
        return;
    }
    call_handler(sig, info, context, &user);
}

RG_EXPORT int sigaction(int sig, const struct sigaction *restrict act,
                        struct sigaction *restrict old) {
    return change_action(sig, act, old);
}

// What signal() and its kin do, in terms of sigaction.
static sighandler_t set_simple(int sig, sighandler_t handler, int flags) {
    struct sigaction act = {.sa_handler = handler, .sa_flags = flags}, old;
    if (!(flags & SA_NODEFER) && sig >= 1 && sig < SIGNALS) {
        sigaddset(&act.sa_mask, sig);
    }
    return change_action(sig, &act, &old) == 0 ? old.sa_handler : SIG_ERR;
}

// The next definition of a function, for the signals that are not ours.
static sighandler_t call_next(const char *name, int sig, sighandler_t handler) {
    sighandler_t (*next)(int, sighandler_t);
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(&next, &symbol, sizeof next);
    return next(sig, handler);
}

RG_EXPORT sighandler_t signal(int sig, sighandler_t handler) {
    if (sig == SIGSEGV || sig == SIGTRAP) {
        return set_simple(sig, handler, SA_RESTART);
    }
    return call_next("signal", sig, handler);
}

RG_EXPORT sighandler_t bsd_signal(int sig, sighandler_t handler);
RG_EXPORT sighandler_t bsd_signal(int sig, sighandler_t handler) {
    return signal(sig, handler);
}

RG_EXPORT sighandler_t ssignal(int sig, sighandler_t handler) {
    return signal(sig, handler);
}

RG_EXPORT sighandler_t __sysv_signal(int sig, sighandler_t handler) {
    if (sig == SIGSEGV || sig == SIGTRAP) {
        return set_simple(sig, handler, SA_RESETHAND | SA_NODEFER);
    }
    return call_next("__sysv_signal", sig, handler);
}

RG_EXPORT sighandler_t sysv_signal(int sig, sighandler_t handler) {
    return __sysv_signal(sig, handler);
}

// Returns 0 or an errno value; `old` shows what the program believes.
static int mask_signals(int how, const sigset_t *set, sigset_t *old) {
    uint64_t want = 0, before = 0;
    uint64_t *virtual_mask = &rg_thread_self.virtual_mask;
    uint64_t virtual_before = *virtual_mask;
    if (set) {
        want = get_mask(set);
        if (how != SIG_BLOCK && how != SIG_UNBLOCK && how != SIG_SETMASK) {
            return EINVAL;
        }
    }
    // The C library keeps its two internal signals (32 and 33) open for itself.
    uint64_t kernel = want & ~OURS & ~(bit(32) | bit(33));
    if (how == SIG_UNBLOCK) {
        kernel = want & ~OURS;
    }
    long ret = change_mask(how, set ? &kernel : NULL, &before);
    if (ret < 0) {
        return (int)-ret;
    }
    if (set && how == SIG_BLOCK) {
        *virtual_mask |= want & OURS;
    } else if (set && how == SIG_UNBLOCK) {
        *virtual_mask &= ~want;
    } else if (set) {
        *virtual_mask = want & OURS;
    }
    if (old) {
        set_mask(old, before | virtual_before);
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
