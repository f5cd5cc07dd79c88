// SPDX-License-Identifier: MIT
// See fault.h and signals.h. A fault on a sealed page is reported; then the page is opened (scratch.h),
// the one instruction is run with the trap flag set, and the page is sealed again in the trap's handler.
// While the instruction runs, signals other than faults are blocked, so nothing runs in between.
//
// Both handlers run with every signal but SIGSEGV blocked: a fault in them is a bug of the guard's, which
// must come to light. Locks: FAULT around the report stack, then what the report
// takes; none of them is held while the program's code runs or its memory is read, so the interrupted
// thread never holds one, and a thread that does is running and will give it back.
#include "front/fault.h"

#include "base/die.h"
#include "base/lock.h"
#include "base/sys.h"
#include "base/vmem.h"
#include "front/access.h"
#include "front/callback.h"
#include "front/crash.h"
#include "front/fork.h"
#include "front/peek.h"
#include "front/scratch.h"
#include "front/signals.h"
#include "front/string_op.h"
#include "front/thread.h"
#include "report/report.h"
#include "stack/libunwind.h"
#include "stack/modules.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>

#define TRAP_FLAG 0x100L // of RFLAGS

// Of a page fault's error code.
enum { ERROR_WRITE = 2, ERROR_FETCH = 16 };

// Signals that an instruction may raise.
static const uint64_t FAULTS = 1UL << (SIGSEGV - 1) | 1UL << (SIGTRAP - 1) | 1UL << (SIGBUS - 1) |
                               1UL << (SIGILL - 1) | 1UL << (SIGFPE - 1);

// A stack large enough for libunwind and the symbolizer's answers, whatever the program's own is like.
enum { REPORT_STACK = 256 * 1024 };
static char report_stack[REPORT_STACK] __attribute__((aligned(16)));

__asm__(".pushsection .text\n"
        ".hidden rg_call_on_stack\n"
        ".globl rg_call_on_stack\n"
        ".type rg_call_on_stack, @function\n"
        "rg_call_on_stack:\n"
        ".cfi_startproc\n"
        "push %rbp\n"
        ".cfi_def_cfa_offset 16\n"
        ".cfi_offset %rbp, -16\n"
        "mov %rsp, %rbp\n"
        ".cfi_def_cfa_register %rbp\n"
        "mov %rdi, %rax\n"
        "mov %rsi, %rdi\n"
        "mov %rdx, %rsp\n"
        "call *%rax\n"
        "mov %rbp, %rsp\n"
        "pop %rbp\n"
        ".cfi_def_cfa %rsp, 8\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size rg_call_on_stack, . - rg_call_on_stack\n"
        ".popsection\n");

struct job {
    struct rg_finding *finding;
    const ucontext_t *context; // of an access; NULL for a call, whose stack is there already
    unsigned number;
};

// A walker for faults, under the FAULT lock.
static struct rg_walker fault_walker;

// Whether the loader is at work in the interrupted code, by the quick walk; pcs: room for it. With one thread.
static bool is_inside_loader(const ucontext_t *context, uintptr_t *pcs) {
    rg_walk_forget_stack(&fault_walker);
    size_t n = rg_walk_context(&fault_walker, context, pcs, RG_STACK_DEPTH_MAX);
    for (size_t i = 0; i < n; i++) {
        struct dl_find_object object;
        if (_dl_find_object((void *)rg_pc_lookup(pcs[i]), &object) == 0 &&
            (uintptr_t)object.dlfo_map_start == _r_debug.r_ldbase) {
            return true;
        }
    }
    return false;
}

// libunwind knows frames that the quick walk gives up on. It waits for the loader's lock, which another
// thread may hold that waits for us, so this runs before any lock is taken, on a stack of its own.
static void walk_with_libunwind(void *arg) {
    struct job *job = arg;
    if (!rg_libunwind_was_tried() && __libc_single_threaded &&
        !is_inside_loader(job->context, job->finding->pcs)) {
        rg_libunwind_open();
    }
    job->finding->pc_count = rg_libunwind_walk(job->context, job->finding->pcs, RG_STACK_DEPTH_MAX);
}

enum { WALK_STACK = 128 * 1024 };

static void walk_unlocked(struct job *job) {
    char *stack = rg_vmem_map_metadata(WALK_STACK);
    if (stack) {
        rg_call_on_stack(walk_with_libunwind, job, stack + WALK_STACK);
        rg_vmem_unmap(stack, WALK_STACK);
    }
}

// The quick walk works without libunwind; the longer of the two is the better.
static void walk_quickly(struct rg_finding *f, const ucontext_t *context) {
    uintptr_t pcs[RG_STACK_DEPTH_MAX];
    // The last fault was perhaps on a stack that is gone.
    rg_walk_forget_stack(&fault_walker);
    size_t n = rg_walk_context(&fault_walker, context, pcs, RG_STACK_DEPTH_MAX);
    if (n > f->pc_count) {
        memcpy(f->pcs, pcs, n * sizeof pcs[0]);
        f->pc_count = n;
    }
}

static void run_job(void *arg) {
    struct job *job = arg;
    struct rg_finding *f = job->finding;
    if (f->trouble != RG_TROUBLE_LOST) {
        f->thread = rg_thread_number();
        f->tid = rg_gettid();
        rg_sys2(SYS_prctl, PR_GET_NAME, (long)f->thread_name);
    }
    if (job->context) {
        walk_quickly(f, job->context);
    }
    f->epoch = rg_modules_epoch_of(f->pcs, f->pc_count);
    job->number = rg_report(f);
}

static void run_on_report_stack(struct job *job) {
    uint64_t others = ~FAULTS, old = 0;
    int saved_errno = errno;
    rg_sys4(SYS_rt_sigprocmask, SIG_BLOCK, (long)&others, (long)&old, 8);
    // First of all: what follows may allocate (libunwind is opened), in place of blocks that were freed.
    rg_finding_diagnose(job->finding);
    if (job->context) {
        walk_unlocked(job);
    }
    job->finding->told = rg_callback_get_room();
    rg_lock(RG_LOCK_FAULT);
    rg_call_on_stack(run_job, job, report_stack + sizeof report_stack);
    rg_unlock(RG_LOCK_FAULT);
    bool is_told = job->finding->number > 0;
    rg_callback_call(job->finding);
    if (is_told) {
        rg_report_halt_if_asked();
    }
    rg_sys4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&old, 0, 8);
    errno = saved_errno;
}

void rg_fault_call(void (*fn)(void *arg), void *arg) {
    int saved_errno = errno;
    rg_lock(RG_LOCK_FAULT);
    rg_call_on_stack(fn, arg, report_stack + sizeof report_stack);
    rg_unlock(RG_LOCK_FAULT);
    errno = saved_errno;
}

void rg_fault_try_call(void (*fn)(void *arg), void *arg) {
    if (rg_lock_try(RG_LOCK_FAULT)) {
        rg_call_on_stack(fn, arg, report_stack + sizeof report_stack);
        rg_unlock(RG_LOCK_FAULT);
    }
}

unsigned rg_fault_report(struct rg_finding *f) {
    struct job job = {.finding = f};
    run_on_report_stack(&job);
    return job.number;
}

static size_t access_bytes(const ucontext_t *context) {
    const uint8_t *pc = (const uint8_t *)context->uc_mcontext.gregs[REG_RIP];
    return rg_is_readable(pc, 16) ? rg_access_bytes(pc, 16) : 0;
}

static uintptr_t unit_of(uintptr_t address) {
    struct rg_block_facts facts;
    return rg_heap_describe(address, &facts) ? facts.unit : 0;
}

static void tell_again(void *arg) {
    rg_report_tell_again(*(unsigned *)arg);
}

static void report_access(uintptr_t address, const ucontext_t *context) {
    struct rg_last_access now = {.pc = (uintptr_t)context->uc_mcontext.gregs[REG_RIP],
                                 .sp = (uintptr_t)context->uc_mcontext.gregs[REG_RSP],
                                 .unit = unit_of(address)};
    struct rg_last_access *last = &rg_thread_self.last;
    if (last->number > 0 && last->pc == now.pc && last->sp == now.sp && last->unit == now.unit) {
        if (rg_report_again(last->number)) {
            rg_fault_call(tell_again, &last->number);
        }
        return;
    }
    greg_t error = context->uc_mcontext.gregs[REG_ERR];
    struct rg_finding f = {.operation = error & ERROR_FETCH   ? RG_OP_EXECUTE
                                        : error & ERROR_WRITE ? RG_OP_WRITE
                                                              : RG_OP_READ,
                           .trouble = RG_TROUBLE_STALE,
                           .address = address,
                           .access_bytes = error & ERROR_FETCH ? 0 : access_bytes(context)};
    struct job job = {.finding = &f, .context = context};
    run_on_report_stack(&job);
    now.number = job.number;
    *last = now;
}

// A fault where NULL leads, in a thread whose last realloc has returned that, and of which the program will die.
static void report_if_after_failure(const siginfo_t *info, const ucontext_t *context) {
    const struct rg_failed_call *failed = &rg_thread_self.failed;
    uintptr_t address = (uintptr_t)info->si_addr;
    size_t reach = failed->wanted > RG_PAGE_SIZE ? failed->wanted : RG_PAGE_SIZE;
    bool is_access = info->si_code == SEGV_MAPERR || info->si_code == SEGV_ACCERR;
    if (rg_likely(failed->wanted == 0) || !is_access || address >= reach ||
        rg_signals_is_handled(SIGSEGV, context)) {
        return;
    }
    greg_t error = context->uc_mcontext.gregs[REG_ERR];
    struct rg_finding f = {.operation = error & ERROR_FETCH   ? RG_OP_EXECUTE
                                        : error & ERROR_WRITE ? RG_OP_WRITE
                                                              : RG_OP_READ,
                           .trouble = RG_TROUBLE_RESULT,
                           .address = address,
                           .access_bytes = error & ERROR_FETCH ? 0 : access_bytes(context),
                           .wanted = failed->wanted,
                           .failed_stack = failed->stack};
    struct job job = {.finding = &f, .context = context};
    run_on_report_stack(&job);
}

static uint64_t get_mask(const ucontext_t *context) {
    uint64_t mask;
    memcpy(&mask, &context->uc_sigmask, sizeof mask);
    return mask;
}

static void set_mask(ucontext_t *context, uint64_t mask) {
    memcpy(&context->uc_sigmask, &mask, sizeof mask);
}

// Arranges for the interrupted instruction alone to run.
static void begin_step(struct rg_step *step, ucontext_t *context) {
    greg_t *flags = &context->uc_mcontext.gregs[REG_EFL];
    if (step->active) {
        return;
    }
    rg_signals_keep_trap();
    step->active = true;
    step->had_trap_flag = *flags & TRAP_FLAG;
    step->pc = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
    step->saved_mask = get_mask(context);
    set_mask(context, ~FAULTS);
    *flags |= TRAP_FLAG;
}

// SIGTRAP is open for the step, so one that was sent, and perhaps is blocked, comes in between.
static void hold_trap(struct rg_step *step, const siginfo_t *info) {
    step->held[info->si_code != SI_TKILL] = *info;
}

static void give_back_traps(struct rg_step *step) {
    for (size_t i = 0; i < RG_ARRAY_LEN(step->held); i++) {
        if (step->held[i].si_signo != 0) {
            rg_signals_send_again(SIGTRAP, &step->held[i]);
            step->held[i].si_signo = 0;
        }
    }
}

static void end_step(struct rg_step *step, ucontext_t *context) {
    for (unsigned i = 0; i < step->page_count; i++) {
        rg_scratch_close(step->page[i]);
    }
    step->page_count = 0;
    step->active = false;
    set_mask(context, step->saved_mask);
    if (!step->had_trap_flag) {
        context->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    }
    give_back_traps(step);
}

static bool let_through(uintptr_t address, ucontext_t *context) {
    struct rg_step *step = &rg_thread_self.step;
    uintptr_t page = address & ~(uintptr_t)(RG_PAGE_SIZE - 1);
    if (step->page_count == RG_STEP_PAGES_MAX) {
        // One instruction over very many pages (a string instruction): those it has passed can be closed.
        rg_scratch_close(step->page[0]);
        step->page_count--;
        memmove(&step->page[0], &step->page[1], step->page_count * sizeof step->page[0]);
    }
    if (!rg_scratch_open(page)) {
        return false;
    }
    if (rg_string_op_run(context)) {
        rg_scratch_close(page);
        if (step->active) {
            end_step(step, context);
        }
        return true;
    }
    step->page[step->page_count++] = page;
    begin_step(step, context);
    return true;
}

// Whether the fault was the guard's to deal with, and the program can go on.
static bool handle_access(uintptr_t address, ucontext_t *context) {
    if (!rg_heap_is_stale(address)) {
        return false;
    }
    report_access(address, context);
    // Memory of the heap is not executable, so this would have been a fault alone too.
    bool is_fetch = context->uc_mcontext.gregs[REG_ERR] & ERROR_FETCH;
    return !is_fetch && let_through(address, context);
}

// A fault that is a bug of the guard's ends here.
static void die_if_own(int sig, const siginfo_t *info, const ucontext_t *context) {
    if (info->si_code <= 0) {
        return;
    }
    if (rg_thread_self.in_fault) {
        rg_die_of_fault("a fault inside the fault handler, at", info->si_addr, sig, context);
    }
    if (rg_crash_is_own(info, context)) {
        rg_die_of_fault("a fault in the guard's own code, at", info->si_addr, sig, context);
    }
}

static bool handle_fault(const siginfo_t *info, ucontext_t *context) {
    bool is_access = info->si_code == SEGV_MAPERR || info->si_code == SEGV_ACCERR;
    if (is_access && rg_unlikely(rg_fork_restore_late())) {
        return true; // the first touch of the heap in a forked child; run the instruction again
    }
    // No address that could be told is needed for this one: a pointer that is no address has none.
    if (rg_unlikely(rg_peek_failed(info, context))) {
        return true;
    }
    return is_access && handle_access((uintptr_t)info->si_addr, context);
}

void rg_fault_on_segv(int sig, siginfo_t *info, void *arg) {
    ucontext_t *context = arg;
    struct rg_thread *self = &rg_thread_self;
    int saved_errno = errno;
    bool is_inside = self->in_fault || self->step.active || rg_lock_is_holding();
    if (rg_unlikely(info->si_code <= 0 && is_inside)) {
        rg_signals_defer(info);
        errno = saved_errno;
        return;
    }
    if (rg_unlikely(self->in_fault)) {
        die_if_own(sig, info, context);
    }
    self->in_fault = true;
    bool handled = handle_fault(info, context);
    if (!handled && self->step.active) {
        end_step(&self->step, context);
    }
    errno = saved_errno;
    if (!handled) {
        self->in_fault = false;
        die_if_own(sig, info, context);
        self->in_fault = true;
        report_if_after_failure(info, context);
        bool was_busy = self->busy;
        if (rg_crash_is_stack(info, context)) {
            // The program's handler will most likely leave by a jump, past rg_thread_leave.
            self->busy = false;
        }
        rg_signals_pass_on(sig, info, context);
        self->busy = was_busy;
    }
    self->in_fault = false;
}

void rg_fault_on_trap(int sig, siginfo_t *info, void *arg) {
    ucontext_t *context = arg;
    struct rg_step *step = &rg_thread_self.step;
    if (step->active && info->si_code <= 0) {
        hold_trap(step, info);
        return;
    }
    if (!step->active) {
        rg_signals_pass_on(sig, info, context);
        return;
    }
    // A string instruction traps after each of its elements; it goes on until it is left.
    if ((uintptr_t)context->uc_mcontext.gregs[REG_RIP] == step->pc) {
        return;
    }
    bool single_stepped = step->had_trap_flag;
    rg_thread_self.in_fault = true;
    end_step(step, context);
    rg_thread_self.in_fault = false;
    if (single_stepped) {
        rg_signals_pass_on(sig, info, context);
    }
}

void rg_fault_on_bus(int sig, siginfo_t *info, void *arg) {
    if (rg_peek_failed(info, arg)) {
        return;
    }
    die_if_own(sig, info, arg);
    rg_signals_take_default(sig, info);
}
