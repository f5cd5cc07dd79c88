// SPDX-License-Identifier: MIT
// See lost.h. State: the calls that failed, in a table by address in which a new one may take an old one's place, and a few
// buffers; all under the FAULT lock, but for the flag. Whether a block is still the one whose realloc failed, and nothing
// has become of it since, tells its record, which has the stack of that call until its next realloc or its end.
#include "front/lost.h"

#include "base/sys.h"
#include "base/vmem.h"
#include "front/fault.h"
#include "front/holders.h"
#include "front/in_kernel.h"
#include "front/init.h"
#include "front/quiet.h"
#include "front/search.h"
#include "front/thread.h"
#include "heap/heap.h"
#include "stack/depot.h"
#include "stack/modules.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

enum {
    CALLS = 1024,
    PROBES = 8,
    DEAD_STACKS = 64,
    UNKNOWN_FRAME = 16 << 10, // a frame of main's that is not known in detail
    LEAVE_STACK = 64 << 10,
};

// In the search at the end, which happens once, and only if there is something to be found.
static const size_t SEARCH_MOST = (size_t)8 << 30;

_Atomic bool rg_lost_is_pending;

struct call {
    uintptr_t address;
    size_t size, wanted;
    uint32_t stack;
    uint16_t thread;
    int tid;
    uintptr_t sp, control; // of the caller; of its thread
    struct rg_holders held;
};

static struct call calls[CALLS]; // address 0: free
static struct call pending[CALLS];
static struct rg_sought sought[CALLS];
static size_t pending_count;
static _Atomic bool is_checking;
static struct rg_dead_stack dead[DEAD_STACKS];
static char leave_stack[LEAVE_STACK] __attribute__((aligned(16)));

static bool is_still_there(const struct call *c) {
    struct rg_block_facts facts;
    return c->address != 0 && rg_heap_describe(c->address, &facts) && facts.address == c->address &&
           facts.state == RG_BLOCK_LIVE && facts.end_stack == c->stack;
}

// By address, so that a block has one place.
static void enter(void *arg) {
    const struct call *c = arg;
    size_t first = c->address / 16 * 0x9e3779b97f4a7c15UL >> 54;
    struct call *place = &calls[first % CALLS];
    for (size_t i = 0; i < PROBES; i++) {
        struct call *at = &calls[(first + i) % CALLS];
        if (at->address == c->address) {
            place = at;
            break;
        }
        if (!is_still_there(at) && is_still_there(place)) {
            place = at;
        }
    }
    *place = *c;
    atomic_store(&rg_lost_is_pending, true);
}

void rg_lost_note(const void *p, size_t wanted, uint32_t stack, const struct rg_caller *caller) {
    struct rg_block_facts facts;
    struct call c = {.address = (uintptr_t)p,
                     .wanted = wanted,
                     .stack = stack,
                     .thread = rg_thread_number(),
                     .tid = rg_gettid(),
                     .sp = caller->sp,
                     .control = rg_holders_control()};
    if (stack == 0 || !rg_heap_describe(c.address, &facts) || facts.address != c.address) {
        return;
    }
    c.size = facts.size;
    rg_holders_find(c.address, c.size, stack, caller, &c.held);
    if (c.held.is_overwritten || c.held.word_count > 0) {
        rg_fault_call(enter, &c);
    }
}

// A process that ends, or that asks.
struct end {
    struct rg_caller caller;
    uintptr_t frames; // the guard's own on that stack are above this
    bool after_main;
    bool goes_on; // it asks: what is not told is looked at again later
    bool
        is_known; // what is in registers, and that no signal carries a pointer; after the search, that it was completed
    uintptr_t registers[RG_SAVED_COUNT];
    const uintptr_t *
        others; // registers of a caller that a debugger has interrupted; NULL: it has called by itself
};

static void sort_pending(void) {
    for (size_t i = 1; i < pending_count; i++) {
        struct call c = pending[i];
        size_t at = i;
        for (; at > 0 && pending[at - 1].address > c.address; at--) {
            pending[at] = pending[at - 1];
        }
        pending[at] = c;
    }
}

static void take_pending(void *arg) {
    const struct end *e = arg;
    pending_count = 0;
    for (size_t i = 0; i < CALLS; i++) {
        const struct call *c = &calls[i];
        if (is_still_there(c) && (c->held.is_overwritten || rg_holders_are_empty(&c->held))) {
            pending[pending_count++] = *c;
        }
    }
    if (!e->goes_on) {
        memset(calls, 0, sizeof calls);
        atomic_store(&rg_lost_is_pending, false);
    }
    sort_pending();
}

// False: there are too many.
static bool add_dead_stack(const struct call *c, size_t *count) {
    for (size_t i = 0; i < *count; i++) {
        if (dead[i].control == c->control) {
            dead[i].from = c->sp - RG_DEAD_STACK_REACH < dead[i].from ? c->sp - RG_DEAD_STACK_REACH
                                                                      : dead[i].from;
            return true;
        }
    }
    if (*count == DEAD_STACKS) {
        return false;
    }
    dead[(*count)++] = (struct rg_dead_stack){c->sp - RG_DEAD_STACK_REACH, c->control};
    return true;
}

static size_t count_missing(const struct rg_search *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        n += !s->sought[i].found;
    }
    return n;
}

// Once by words as they should be, and where that finds nothing, by words at any address.
static bool search_twice(struct rg_search *s, const struct end *e) {
    for (unsigned i = 0; i < RG_SAVED_COUNT; i++) {
        rg_search_word(s, e->registers[i], 0);
    }
    for (unsigned i = 0; i < RG_LOST_REGISTERS && e->others; i++) {
        rg_search_word(s, e->others[i], 0);
    }
    // A debugger sets the last byte of this one.
    for (uintptr_t byte = 0; byte < 256 && e->others; byte++) {
        rg_search_word(s, (e->others[0] & ~255UL) | byte, 0);
    }
    if (!rg_search_memory(s)) {
        return false;
    }
    s->step = 1;
    return count_missing(s) == 0 || (rg_search_memory(s) && rg_in_kernel_search(s));
}

// Leaves in `pending` those to which nothing points.
static void search(void *arg) {
    struct end *e = arg;
    struct rg_search s = {.sought = sought,
                          .count = pending_count,
                          .stack = e->caller.sp,
                          .frames = e->frames,
                          .control = rg_holders_control(),
                          .given_up = e->after_main ? e->caller.sp : 0,
                          .dead = dead,
                          .step = sizeof(uintptr_t),
                          .budget = SEARCH_MOST};
    bool is_known = true;
    for (size_t i = 0; i < pending_count; i++) {
        const struct call *c = &pending[i];
        bool is_own = c->tid == rg_gettid() && c->sp <= e->caller.sp;
        // What main itself has held counts for all.
        uintptr_t low = is_own ? c->sp : e->caller.sp - UNKNOWN_FRAME;
        sought[i] = (struct rg_sought){.address = c->address, .size = c->size, .low = low};
        if (e->after_main && low < s.stack) {
            s.stack = low;
        }
        is_known = is_known && (c->tid == rg_gettid() || add_dead_stack(c, &s.dead_count));
    }
    is_known = is_known && search_twice(&s, e);
    size_t kept = 0;
    for (size_t i = 0; i < pending_count && is_known; i++) {
        if (!sought[i].found) {
            pending[kept++] = pending[i];
        }
    }
    pending_count = kept;
    e->is_known = is_known;
}

// Told once.
static void forget_pending(void *unused) {
    (void)unused;
    for (size_t i = 0; i < pending_count; i++) {
        for (size_t k = 0; k < CALLS; k++) {
            if (calls[k].address == pending[i].address) {
                calls[k].address = 0;
            }
        }
    }
}

// Whether it was told, and is not one that is suppressed.
static bool report(const struct call *c) {
    struct rg_finding f = {.operation = RG_OP_REALLOC,
                           .trouble = RG_TROUBLE_LOST,
                           .address = c->address,
                           .wanted = c->wanted,
                           .thread = c->thread,
                           .failed_stack = c->stack};
    uintptr_t pcs[RG_STACK_DEPTH_MAX];
    struct rg_stack stack = rg_depot_get((struct rg_stack_id){c->stack}, pcs, RG_STACK_DEPTH_MAX);
    memcpy(f.pcs, stack.pcs, stack.count * sizeof f.pcs[0]);
    f.pc_count = stack.count;
    rg_fault_report(&f);
    return !f.is_suppressed;
}

// Returns how many blocks were told, or -1 where that cannot be known.
static int check_alone(struct end *e) {
    rg_fault_call(take_pending, e);
    if (pending_count == 0) {
        return 0;
    }
    // The registers of others cannot be read.
    if (!e->is_known || rg_quiet_threads() != 1) {
        return -1;
    }
    rg_fault_call(search, e);
    if (!e->is_known) {
        return -1;
    }
    if (e->goes_on) {
        rg_fault_call(forget_pending, NULL);
    }
    int told = 0;
    // There is no other thread that could change them.
    for (size_t i = 0; i < pending_count; i++) {
        told += report(&pending[i]);
    }
    return told;
}

// One at a time: handlers of signals may come in between.
static int check(struct end *e) {
    if (atomic_exchange(&is_checking, true)) {
        return -1;
    }
    int told = check_alone(e);
    atomic_store(&is_checking, false);
    return told;
}

static void look_at_registers(struct end *e) {
    struct rg_stay stay = rg_thread_enter();
    if (stay.data) {
        e->is_known = rg_quiet_signals() == 0 &&
                      rg_walk_registers(&stay.data->capture.walker, &e->caller, e->registers);
    }
    rg_thread_leave(stay);
}

void rg_lost_check(const struct rg_caller *caller) {
    if (rg_getpid() != rg_init_pid()) {
        return;
    }
    struct end e = {.caller = *caller, .frames = (uintptr_t)__builtin_frame_address(0)};
    look_at_registers(&e);
    check(&e);
}

int rg_lost_find(const struct rg_caller *caller, const uintptr_t others[RG_LOST_REGISTERS]) {
    if (!rg_init_is_active() || rg_getpid() != rg_init_pid()) {
        return -1;
    }
    int saved_errno = errno;
    struct end e = {.caller = *caller,
                    .frames = (uintptr_t)__builtin_frame_address(0),
                    .goes_on = true,
                    .others = others};
    look_at_registers(&e);
    int told = check(&e);
    errno = saved_errno;
    return told;
}

// On another stack, so that nothing is written over what main has left on its own.
static void check_after_main(void *arg) {
    const struct rg_caller *caller = arg;
    struct end e = {.caller = *caller, .frames = caller->sp, .after_main = true};
    if (rg_getpid() != rg_init_pid()) {
        return;
    }
    e.is_known = rg_quiet_signals() == 0;
    // A handler of a signal would write over what main has left. Faults must come through.
    const uint64_t others = ~(1UL << (SIGSEGV - 1) | 1UL << (SIGTRAP - 1) | 1UL << (SIGBUS - 1) |
                              1UL << (SIGILL - 1) | 1UL << (SIGFPE - 1));
    uint64_t old = 0;
    rg_sys4(SYS_rt_sigprocmask, SIG_BLOCK, (long)&others, (long)&old, sizeof old);
    check(&e);
    rg_sys4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&old, 0, sizeof old);
}

void rg_lost_check_after_main(void) {
    struct rg_caller caller = RG_CALLER();
    rg_call_on_stack(check_after_main, &caller, leave_stack + sizeof leave_stack);
}

void rg_lost_after_fork(void) {
    if (atomic_load(&rg_lost_is_pending)) {
        memset(calls, 0, sizeof calls);
        atomic_store(&rg_lost_is_pending, false);
    }
    atomic_store(&is_checking, false);
}
