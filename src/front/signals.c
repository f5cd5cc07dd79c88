// SPDX-License-Identifier: MIT
// See signals.h. State: the program's dispositions and the masks it gave with them, under the SIGNALS
// lock with every signal blocked, so that a handler may call sigaction too. Fork: inherited.
#include "front/signals.h"

#include "base/lock.h"
#include "base/sys.h"
#include "front/fork.h"
#include "front/init.h"
#include "front/next.h"
#include "front/signal_mask.h"
#include "front/thread.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

// The C library's own, past any wrapper.
int __sigaction(int sig, const struct sigaction *act, struct sigaction *old);

enum { SIGNALS = 65, SA_RESTORER = 0x04000000 };

// What the program has asked for.
struct wishes {
    struct sigaction segv, trap, stand_in; // the last for SIGSTKFLT itself
};
static struct wishes wishes;

// A vfork child has signal dispositions of its own, but runs on its parent's memory, and on the thread that
// waits for it: what it sets (the usual reset before exec) must not become the parent's.
static _Thread_local struct {
    int pid; // whose they are
    struct wishes wishes;
} borrower RG_TLS_INITIAL_EXEC;

// What the kernel had of the program's for SIGBUS when that was last the default.
static struct sigaction bus_default;
// Whether the guard's handler is there now. Written under the lock, read without.
static _Atomic bool has_bus;

// The masks of the other signals' handlers as the program gave them.
static struct {
    bool known;
    uint64_t mask;
} given[SIGNALS];

static uint64_t lock_signals(void) {
    uint64_t all = ~rg_mask_bit(SIGSEGV), old = 0;
    rg_mask_change(SIG_BLOCK, &all, &old);
    rg_lock(RG_LOCK_SIGNALS);
    return old;
}

static void unlock_signals(uint64_t old) {
    rg_unlock(RG_LOCK_SIGNALS);
    rg_mask_change(SIG_SETMASK, &old, NULL);
}

static bool is_borrowing(void) {
    return rg_init_pid() != 0 && rg_getpid() != rg_init_pid();
}

static struct wishes *own_wishes(void) {
    if (rg_likely(!is_borrowing())) {
        borrower.pid = 0; // a later child may get the number of an earlier one
        return &wishes;
    }
    if (borrower.pid != rg_getpid()) {
        borrower.pid = rg_getpid();
        borrower.wishes = wishes;
    }
    return &borrower.wishes;
}

static bool is_virtual(int sig) {
    return sig == SIGSEGV || sig == SIGTRAP || sig == RG_SEGV_STAND_IN;
}

static struct sigaction *virtual_action(int sig) {
    struct wishes *own = own_wishes();
    return sig == SIGTRAP ? &own->trap : sig == SIGSEGV ? &own->segv : &own->stand_in;
}

static bool is_handler(const struct sigaction *a) {
    return a->sa_handler != SIG_DFL && a->sa_handler != SIG_IGN;
}

// SIGBUS is the guard's only while the program leaves it alone: no stale access raises it, but a bug of the
// guard's may.
static void take_bus_if_default(void) {
    struct sigaction a = {.sa_sigaction = rg_fault_on_bus, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    struct sigaction now;
    __sigaction(SIGBUS, NULL, &now);
    if (now.sa_handler == SIG_DFL) {
        bus_default = now;
        sigfillset(&a.sa_mask);
        __sigaction(SIGBUS, &a, NULL);
        atomic_store(&has_bus, true);
    }
}

bool rg_signals_have_bus(void) {
    return atomic_load_explicit(&has_bus, memory_order_relaxed);
}

static bool is_ours(int sig) {
    return is_virtual(sig) || sig == SIGBUS;
}

// A SIGSEGV that was sent while the program had it blocked, delivered at last under its stand-in; or a SIGSTKFLT. The
// handler is there from the beginning: one that came with the first such SIGSEGV might lose to a sigaction in progress.
static void on_stand_in(int sig, siginfo_t *info, void *context);

// Our handler in the kernel, on the stack that the program's own would run on.
static int install(int sig) {
    const struct sigaction *user = virtual_action(sig);
    if (sig == RG_SEGV_STAND_IN && !is_handler(user)) {
        user = virtual_action(SIGSEGV);
    }
    const int shared = SA_ONSTACK | SA_RESTART;
    struct sigaction a = {.sa_sigaction = sig == SIGSEGV   ? rg_fault_on_segv
                                          : sig == SIGTRAP ? rg_fault_on_trap
                                                           : on_stand_in};
    a.sa_flags = SA_SIGINFO | (is_handler(user) ? user->sa_flags & shared : shared);
    sigfillset(&a.sa_mask);
    // A fault inside the handler is a bug of ours; it must come to light, not kill without a word.
    sigdelset(&a.sa_mask, SIGSEGV);
    if (sig != RG_SEGV_STAND_IN) {
        a.sa_flags |= SA_NODEFER;
        // That of the interrupted code must be seen, also where a call has changed it for a while (ppoll).
        sigdelset(&a.sa_mask, RG_SEGV_STAND_IN);
    }
    return __sigaction(sig, &a, NULL);
}

// What the kernel does where a signal is ignored: what is pending of this thread's and the process's is gone.
static void discard_pending(int sig) {
    uint64_t set = rg_mask_bit(sig);
    struct timespec at_once = {0};
    while (rg_sys4(SYS_rt_sigtimedwait, (long)&set, 0, (long)&at_once, sizeof set) > 0) {
    }
}

// What the kernel and the C library would answer where they were given this.
static struct sigaction as_answered(int sig, const struct sigaction *act) {
    struct sigaction ours, answer = *act;
    __sigaction(sig, NULL, &ours);
    answer.sa_flags |= ours.sa_flags & SA_RESTORER;
    answer.sa_restorer = ours.sa_restorer;
    sigdelset(&answer.sa_mask, SIGKILL);
    sigdelset(&answer.sa_mask, SIGSTOP);
    return answer;
}

static int set_virtual(int sig, const struct sigaction *act, struct sigaction *old) {
    struct sigaction *user = virtual_action(sig);
    struct sigaction before = *user;
    if (act) {
        *user = as_answered(sig, act);
        if (act->sa_handler == SIG_IGN && is_borrowing()) {
            // What a vfork child executes shall find it so.
            __sigaction(sig, act, NULL);
        } else {
            install(sig);
        }
        if (sig == SIGSEGV) {
            install(RG_SEGV_STAND_IN);
        }
        // What is pending as SIGSTKFLT may be a SIGSEGV.
        if (act->sa_handler == SIG_IGN && sig != RG_SEGV_STAND_IN) {
            discard_pending(sig == SIGSEGV ? RG_SEGV_STAND_IN : sig);
        }
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
        rg_mask_put(&kernel.sa_mask, rg_mask_to_kernel(rg_mask_get(&act->sa_mask)));
    }
    int ret = __sigaction(sig, act ? &kernel : NULL, &before);
    if (ret != 0) {
        return ret;
    }
    if (old) {
        *old = before;
        // signal() and its kin set others without our knowledge.
        if (given[sig].known &&
            rg_mask_to_kernel(given[sig].mask) == rg_mask_get(&before.sa_mask)) {
            rg_mask_put(&old->sa_mask, given[sig].mask);
        }
    }
    if (act && !is_borrowing()) {
        given[sig].known = true;
        given[sig].mask =
            rg_mask_get(&act->sa_mask) & ~(rg_mask_bit(SIGKILL) | rg_mask_bit(SIGSTOP));
    }
    return 0;
}

static int set_bus(const struct sigaction *act, struct sigaction *old) {
    struct sigaction before;
    if (act) {
        // A vfork child's disposition is its own, but the memory in which this is noted is not.
        atomic_store(&has_bus, false);
    }
    int ret = set_other(SIGBUS, act, &before);
    if (ret != 0) {
        return ret;
    }
    if (old) {
        *old = before.sa_sigaction == rg_fault_on_bus ? bus_default : before;
    }
    if (act && !is_borrowing()) {
        take_bus_if_default();
    }
    return 0;
}

static int change_action(int sig, const struct sigaction *act, struct sigaction *old) {
    if (sig < 1 || sig >= SIGNALS) {
        errno = EINVAL;
        return -1;
    }
    if (rg_unlikely(!rg_init_is_active())) {
        return __sigaction(sig, act, old);
    }
    rg_fork_restore_late();
    uint64_t mask = lock_signals();
    int ret = is_virtual(sig) ? set_virtual(sig, act, old)
              : sig == SIGBUS ? set_bus(act, old)
                              : set_other(sig, act, old);
    unlock_signals(mask);
    return ret;
}

void rg_signals_init(void) {
    __sigaction(SIGSEGV, NULL, &wishes.segv);
    __sigaction(SIGTRAP, NULL, &wishes.trap);
    __sigaction(RG_SEGV_STAND_IN, NULL, &wishes.stand_in);
    install(SIGSEGV);
    install(SIGTRAP);
    install(RG_SEGV_STAND_IN);
    take_bus_if_default();
}

void rg_signals_keep_trap(void) {
    struct sigaction now;
    __sigaction(SIGTRAP, NULL, &now);
    if (rg_unlikely(now.sa_sigaction != rg_fault_on_trap)) {
        install(SIGTRAP);
    }
}

// Whether a sandbox has refused to send a signal again with all that came with it.
static _Atomic bool has_sent_plainly;

void rg_signals_send_again(int sig, siginfo_t *info) {
    int pid = rg_getpid(), tid = rg_gettid();
    bool is_for_thread = info->si_code == SI_TKILL;
    // The kernel takes no other's signal than the calling thread's, and sends it to the process all the same.
    long ret = is_for_thread ? rg_sys4(SYS_rt_tgsigqueueinfo, pid, tid, sig, (long)info)
                             : rg_sys3(SYS_rt_sigqueueinfo, tid, sig, (long)info);
    if (ret != 0) {
        atomic_store(&has_sent_plainly, true);
        is_for_thread ? rg_sys3(SYS_tgkill, pid, tid, sig) : rg_sys2(SYS_kill, pid, sig);
    }
}

// Lets the default action happen. A fault repeats itself when the instruction is run again; a trap does
// not, and a signal that was sent must be sent again.
void rg_signals_take_default(int sig, const siginfo_t *info) {
    struct sigaction dfl = {.sa_handler = SIG_DFL};
    __sigaction(sig, &dfl, NULL);
    bool repeats =
        info->si_code > 0 && sig != SIGTRAP && !(sig == SIGBUS && info->si_code == BUS_MCEERR_AO);
    if (!repeats) {
        rg_sys3(SYS_tgkill, rg_getpid(), rg_gettid(), sig);
    }
}

static void call_handler(int sig, siginfo_t *info, ucontext_t *context,
                         const struct sigaction *user) {
    // The mask under which the kernel would have called it, in the kernel's terms.
    uint64_t mask = rg_mask_get(&context->uc_sigmask);
    uint64_t own = rg_mask_get(&user->sa_mask);
    if (!(user->sa_flags & SA_NODEFER)) {
        own |= rg_mask_bit(sig);
    }
    mask |= rg_mask_to_kernel(own);
    rg_mask_change(SIG_SETMASK, &mask, NULL);
    rg_thread_self.in_fault = false;
    if (user->sa_flags & SA_SIGINFO) {
        user->sa_sigaction(sig, info, context);
    } else {
        user->sa_handler(sig);
    }
    // The handler may have asked for a mask to go on with that blocks SIGSEGV.
    uint64_t after = rg_mask_get(&context->uc_sigmask);
    if (after & rg_mask_bit(SIGSEGV)) {
        rg_mask_put(&context->uc_sigmask, rg_mask_to_kernel(after));
    }
}

// Gives the signal to the program, in code that has not blocked it.
static void deliver(int sig, siginfo_t *info, ucontext_t *context) {
    bool is_fault = info->si_code > 0;
    rg_lock(RG_LOCK_SIGNALS);
    struct sigaction user = *virtual_action(sig);
    if (is_handler(&user) && user.sa_flags & SA_RESETHAND) {
        virtual_action(sig)->sa_handler = SIG_DFL;
    }
    rg_unlock(RG_LOCK_SIGNALS);
    if (user.sa_handler == SIG_IGN && !is_fault) {
        return;
    }
    if (is_handler(&user)) {
        call_handler(sig, info, context, &user);
    } else {
        rg_signals_take_default(sig, info);
    }
}

// Whether a SIGSTKFLT is a SIGSEGV that was deferred. What the kernel had no memory to keep of a signal is zero.
static bool is_deferred(const siginfo_t *info) {
    bool is_bare = info->si_code == SI_USER && info->si_pid == 0 && info->si_uid == 0;
    return info->si_errno == RG_SEGV_DEFERRED || is_bare || atomic_load(&has_sent_plainly);
}

static void on_stand_in(int sig, siginfo_t *info, void *arg) {
    ucontext_t *context = arg;
    if (rg_thread_self.in_fault) {
        // Our handler first.
        rg_mask_put(&context->uc_sigmask, rg_mask_get(&context->uc_sigmask) | rg_mask_bit(sig));
        rg_signals_send_again(sig, info);
        return;
    }
    if (is_deferred(info)) {
        sig = info->si_signo = SIGSEGV;
        info->si_errno = 0;
    }
    deliver(sig, info, context);
}

void rg_signals_defer(siginfo_t *info) {
    install(RG_SEGV_STAND_IN); // a system call made directly may have taken it away
    info->si_errno = RG_SEGV_DEFERRED;
    rg_signals_send_again(RG_SEGV_STAND_IN, info);
}

// Whether the mask of the interrupted code, or of the call that it is in, blocks SIGSEGV as the program sees it.
static bool is_segv_blocked(void) {
    uint64_t now = 0;
    rg_mask_change(SIG_BLOCK, NULL, &now);
    return now & rg_mask_bit(RG_SEGV_STAND_IN);
}

bool rg_signals_is_handled(int sig, const ucontext_t *context) {
    rg_lock(RG_LOCK_SIGNALS);
    bool is_handled = is_handler(virtual_action(sig));
    rg_unlock(RG_LOCK_SIGNALS);
    return is_handled && !rg_mask_is_segv_blocked(context);
}

void rg_signals_pass_on(int sig, siginfo_t *info, ucontext_t *context) {
    bool is_fault = info->si_code > 0;
    if (sig == SIGSEGV && is_fault && rg_mask_is_segv_blocked(context)) {
        rg_signals_take_default(sig, info);
    } else if (sig == SIGSEGV && !is_fault && is_segv_blocked()) {
        rg_signals_defer(info);
    } else {
        deliver(sig, info, context);
    }
}

RG_EXPORT int sigaction(int sig, const struct sigaction *restrict act,
                        struct sigaction *restrict old) {
    return change_action(sig, act, old);
}

RG_EXPORT int sigignore(int sig) {
    const struct sigaction act = {.sa_handler = SIG_IGN};
    return change_action(sig, &act, NULL);
}

// What signal() and its kin do, in terms of sigaction.
static sighandler_t set_simple(int sig, sighandler_t handler, int flags) {
    struct sigaction act = {.sa_handler = handler, .sa_flags = flags}, old;
    if (!(flags & SA_NODEFER) && sig >= 1 && sig < SIGNALS) {
        sigaddset(&act.sa_mask, sig);
    }
    return change_action(sig, &act, &old) == 0 ? old.sa_handler : SIG_ERR;
}

// The C library's functions, for the signals that are not ours.
typedef sighandler_t set_fn(int, sighandler_t);
static struct { set_fn *signal, *sysv_signal, *sigset; } next;

__attribute__((constructor)) static void find_all(void) {
    rg_find_next("signal", &next.signal);
    rg_find_next("__sysv_signal", &next.sysv_signal);
    rg_find_next("sigset", &next.sigset);
}

static void have_next(void) {
    if (rg_unlikely(!next.sigset)) {
        find_all();
    }
}

RG_EXPORT sighandler_t signal(int sig, sighandler_t handler) {
    if (is_ours(sig)) {
        return set_simple(sig, handler, SA_RESTART);
    }
    have_next();
    return next.signal(sig, handler);
}

RG_EXPORT sighandler_t bsd_signal(int sig, sighandler_t handler);
RG_EXPORT sighandler_t bsd_signal(int sig, sighandler_t handler) {
    return signal(sig, handler);
}

RG_EXPORT sighandler_t ssignal(int sig, sighandler_t handler) {
    return signal(sig, handler);
}

RG_EXPORT sighandler_t __sysv_signal(int sig, sighandler_t handler) {
    if (is_ours(sig)) {
        return set_simple(sig, handler, SA_RESETHAND | SA_NODEFER);
    }
    have_next();
    return next.sysv_signal(sig, handler);
}

RG_EXPORT sighandler_t sysv_signal(int sig, sighandler_t handler) {
    return __sysv_signal(sig, handler);
}

RG_EXPORT sighandler_t sigset(int sig, sighandler_t handler) {
    if (is_ours(sig) && handler != SIG_HOLD) {
        return set_simple(sig, handler, 0);
    }
    have_next();
    return next.sigset(sig, handler);
}
