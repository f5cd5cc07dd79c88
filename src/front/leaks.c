// SPDX-License-Identifier: MIT
// See leaks.h. What is leaked is found as in a mark phase: from the memory of the process (search.h, in_kernel.h) through
// the blocks (heap/reach.h). Words count as they should be, at multiples of 8, and where that leaves blocks unreached, at
// any address. State: whether the end has been looked at; under the FAULT lock the search that goes on.
#include "front/leaks.h"

#include "base/lock.h"
#include "base/options.h"
#include "base/sys.h"
#include "base/vmem.h"
#include "front/fault.h"
#include "front/holders.h"
#include "front/in_kernel.h"
#include "front/init.h"
#include "front/lost.h"
#include "front/quiet.h"
#include "front/search.h"
#include "front/stop.h"
#include "front/thread.h"
#include "heap/heap.h"
#include "heap/reach.h"
#include "report/report.h"
#include "stack/depot.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

enum {
    SITES = 1 << 16, // that are told apart
    TOLD_MOST = 50,  // by a report each
    FIRST_REALTIME = 32,
};

// Each of the two searches.
static const size_t SEARCH_MOST = (size_t)64 << 30;

static _Atomic bool was_checked;
static _Atomic bool is_checking;
static _Atomic bool has_unknown_blocks; // of a parent

// A stack that has allocated blocks that are leaked.
struct site {
    uint32_t stack;
    bool is_used;
    size_t bytes, blocks; // direct ones
    size_t indirect_bytes, indirect_blocks;
    uintptr_t largest; // block, a direct one if there is one
    size_t largest_size;
};

struct check {
    struct rg_caller caller;
    uintptr_t frames;
    const uintptr_t *others;
    uintptr_t registers[RG_SAVED_COUNT];
    struct site *sites;  // open addressing by stack
    struct site rest;    // what found no place there
    const char *failure; // why nothing can be told
    bool is_alone;       // there is no other thread
};

static void look(void *arg, const char *memory, uintptr_t at, size_t bytes) {
    (void)at;
    rg_reach_look(arg, memory, bytes);
}

static void each_block(void *arg, rg_search_block_fn *fn, void *fn_arg) {
    struct rg_reach *r = arg;
    switch (r->stage) {
    case RG_REACH_ROOTS:
        rg_reach_follow(r, fn, fn_arg);
        break;
    case RG_REACH_POINTED:
        rg_reach_find_pointed(r, fn, fn_arg);
        break;
    case RG_REACH_CLAIMED:
        rg_reach_find_direct(r, fn, fn_arg);
        break;
    }
}

static void look_at_registers(const struct check *c, struct rg_search *s) {
    for (unsigned i = 0; i < RG_SAVED_COUNT; i++) {
        rg_search_word(s, c->registers[i], 0);
    }
    for (unsigned i = 0; i < RG_LOST_REGISTERS && c->others; i++) {
        rg_search_word(s, c->others[i], 0);
    }
    size_t count = 0;
    const uintptr_t *stopped = c->is_alone ? NULL : rg_stop_registers(&count);
    for (size_t i = 0; i < count; i++) {
        rg_search_word(s, stopped[i], 0);
    }
}

// Marks what can be reached. False: not all could be looked at.
static bool mark(struct check *c, struct rg_search *s, struct rg_reach *r) {
    look_at_registers(c, s);
    if (!rg_search_memory(s)) {
        c->failure = "the memory of the process cannot be read, or is too much";
        return false;
    }
    if (!rg_reach_is_missing(r)) {
        return true;
    }
    s->step = r->step = 1;
    s->budget = SEARCH_MOST;
    rg_reach_again(r);
    if (!rg_search_memory(s)) {
        c->failure = "the memory of the process cannot be read, or is too much";
        return false;
    }
    if (!rg_in_kernel_search(s) || !rg_search_blocks(s)) {
        c->failure = "the kernel may hold pointers that it does not tell of (messages that the "
                     "process has sent to "
                     "itself, a queue, a ring)";
        return false;
    }
    s->step = r->step = sizeof(uintptr_t);
    return true;
}

// Which of the others are direct.
static bool sort_out(struct rg_search *s, struct rg_reach *r) {
    s->budget = SEARCH_MOST;
    r->stage = RG_REACH_POINTED;
    if (!rg_search_blocks(s)) {
        return false;
    }
    r->stage = RG_REACH_CLAIMED;
    return rg_search_blocks(s);
}

static struct site *find_site(struct check *c, uint32_t stack) {
    for (uint32_t i = 0; i < 64; i++) {
        struct site *s = &c->sites[(stack * 2654435761U + i) % SITES];
        if (!s->is_used || s->stack == stack) {
            s->is_used = true;
            s->stack = stack;
            return s;
        }
    }
    return &c->rest;
}

static void add(uintptr_t block, size_t size, bool is_direct, void *arg) {
    struct check *c = arg;
    struct rg_block_facts facts = {0};
    rg_heap_describe(block, &facts);
    struct site *s = find_site(c, facts.alloc_stack);
    bool is_first = is_direct ? s->blocks == 0 : s->blocks + s->indirect_blocks == 0;
    if (is_first || (size > s->largest_size && (is_direct || s->blocks == 0))) {
        s->largest = block;
        s->largest_size = size;
    }
    *(is_direct ? &s->bytes : &s->indirect_bytes) += size;
    *(is_direct ? &s->blocks : &s->indirect_blocks) += 1;
}

static void find(void *arg) {
    struct check *c = arg;
    struct rg_reach r;
    if (!rg_reach_begin(&r)) {
        c->failure = "there is no memory for the search";
        return;
    }
    const struct rg_search_visitor visitor = {.look = look,
                                              .each_block = each_block,
                                              .arg = &r,
                                              .own_from = r.from,
                                              .own_to = r.to,
                                              .is_alone = c->is_alone};
    struct rg_search s = {.visitor = &visitor,
                          .stack = c->caller.sp,
                          .frames = c->frames,
                          .control = rg_holders_control(),
                          .step = sizeof(uintptr_t),
                          .budget = SEARCH_MOST};
    if (mark(c, &s, &r) && rg_reach_is_missing(&r)) {
        c->sites = rg_vmem_map_metadata(rg_align_up(SITES * sizeof *c->sites, RG_PAGE_SIZE));
        if (!c->sites || !sort_out(&s, &r)) {
            c->failure = "there is no memory for the search";
        } else {
            rg_reach_each_leaked(&r, add, c);
        }
    }
    rg_reach_end(&r);
}

static size_t size_of(const struct site *s) {
    return s->bytes + s->indirect_bytes;
}

// Direct leaks come first: indirect ones often go with them.
static bool is_before(const struct site *a, const struct site *b) {
    return (a->blocks > 0) != (b->blocks > 0) ? a->blocks > 0 : size_of(a) > size_of(b);
}

static struct site *find_first(struct check *c) {
    struct site *first = NULL;
    for (size_t i = 0; i < SITES; i++) {
        struct site *s = &c->sites[i];
        if (s->is_used && (!first || is_before(s, first))) {
            first = s;
        }
    }
    return first;
}

// Whether it was told, and is not one that is suppressed.
static bool report(const struct site *s) {
    struct rg_finding f = {.operation = RG_OP_EXIT,
                           .trouble = RG_TROUBLE_LEAK,
                           .address = s->largest,
                           .leaked_bytes = s->bytes,
                           .leaked_blocks = s->blocks,
                           .indirect_bytes = s->indirect_bytes,
                           .indirect_blocks = s->indirect_blocks};
    struct rg_stack stack = rg_depot_get((struct rg_stack_id){s->stack}, f.pcs, RG_STACK_DEPTH_MAX);
    f.pc_count = stack.count;
    rg_fault_report(&f);
    return !f.is_suppressed;
}

static void add_up(struct site *sum, const struct site *s) {
    sum->bytes += s->bytes;
    sum->blocks += s->blocks;
    sum->indirect_bytes += s->indirect_bytes;
    sum->indirect_blocks += s->indirect_blocks;
}

static const char *plural(size_t n) {
    return n == 1 ? "" : "s";
}

static void say(const char *what, const struct site *s, size_t places) {
    if (s->indirect_blocks == 0) {
        rg_report_say("%s %zu byte%s in %zu block%s, from %zu place%s", what, s->bytes,
                      plural(s->bytes), s->blocks, plural(s->blocks), places, plural(places));
        return;
    }
    rg_report_say(
        "%s %zu byte%s in %zu block%s directly and %zu byte%s in %zu block%s indirectly, from %zu "
        "place%s",
        what, s->bytes, plural(s->bytes), s->blocks, plural(s->blocks), s->indirect_bytes,
        plural(s->indirect_bytes), s->indirect_blocks, plural(s->indirect_blocks), places,
        plural(places));
}

// Returns how many blocks were told.
static size_t tell(struct check *c) {
    struct site sum = c->rest, untold = c->rest;
    size_t places = 0, untold_places = c->rest.largest ? 1 : 0, told = 0;
    for (struct site *s; (s = find_first(c)) != NULL; s->is_used = false) {
        if (told == TOLD_MOST) {
            add_up(&untold, s);
            untold_places++;
        } else if (!report(s)) {
            continue;
        } else {
            told++;
        }
        add_up(&sum, s);
        places++;
    }
    if (untold_places > 0) {
        say("leaks that are not shown:", &untold, untold_places);
    }
    if (places > 0) {
        say("leaked in all:", &sum, places);
    }
    return sum.blocks + sum.indirect_blocks;
}

// Sees to it that nothing else goes on, and has the registers.
static void prepare(struct check *c) {
    struct rg_stay stay = rg_thread_enter();
    if (!stay.data) {
        c->failure = "a signal handler has interrupted an allocation";
    } else if (rg_quiet_signals() >> (FIRST_REALTIME - 1) != 0) {
        c->failure = "a signal that may carry a pointer is blocked, and waits";
    } else if (!rg_walk_registers(&stay.data->capture.walker, &c->caller, c->registers)) {
        c->failure = "the stack cannot be walked";
    }
    rg_thread_leave(stay);
}

// The others are stopped where they hold no lock of the guard's.
static void find_among_others(struct check *c) {
    rg_lock_all();
    if (rg_stop_others()) {
        rg_fault_call(find, c);
        rg_stop_end();
    } else {
        c->failure = "other threads run, and cannot be stopped to see what is in their registers";
    }
    rg_unlock_all();
}

static int check_now(struct check *c) {
    long threads = rg_quiet_threads();
    c->is_alone = threads == 1;
    prepare(c);
    if (threads <= 0) {
        c->failure = "/proc cannot be read";
    } else if (atomic_load(&has_unknown_blocks)) {
        c->failure = "it is not known which blocks are the parent's";
    }
    if (!c->failure && c->is_alone) {
        rg_fault_call(find, c);
    } else if (!c->failure) {
        find_among_others(c);
    }
    if (c->failure) {
        rg_report_say("leaks were not looked for: %s", c->failure);
        return -1;
    }
    return c->sites ? (int)tell(c) : 0;
}

// One at a time: handlers of signals may come in between.
static int check(struct check *c) {
    if (!rg_init_is_active() || rg_getpid() != rg_init_pid() ||
        atomic_exchange(&is_checking, true)) {
        return -1;
    }
    int saved_errno = errno;
    int told = check_now(c);
    if (c->sites) {
        rg_vmem_unmap(c->sites, rg_align_up(SITES * sizeof *c->sites, RG_PAGE_SIZE));
    }
    atomic_store(&is_checking, false);
    errno = saved_errno;
    return told;
}

void rg_leaks_check(const struct rg_caller *caller) {
    if (rg_options.leaks && rg_getpid() == rg_init_pid() && !atomic_exchange(&was_checked, true)) {
        check(&(struct check){.caller = *caller, .frames = (uintptr_t)__builtin_frame_address(0)});
    }
}

int rg_leaks_find(const struct rg_caller *caller, const uintptr_t *others) {
    return check(&(struct check){
        .caller = *caller, .frames = (uintptr_t)__builtin_frame_address(0), .others = others});
}

void rg_leaks_after_fork(void) {
    atomic_store(&was_checked, false);
    atomic_store(&is_checking, false);
    atomic_store(&has_unknown_blocks, !rg_options.leaks || !rg_reach_inherit());
}
