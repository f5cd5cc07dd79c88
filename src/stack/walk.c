// SPDX-License-Identifier: MIT
// See walk.h. The walk itself is libunwind's idea of a cached frame state (its trace cache) with the
// rules taken straight from .eh_frame. State: the count of unloads; all else belongs to the caller.
#include "stack/walk.h"

#include <dlfcn.h>
#include <string.h>

_Atomic unsigned rg_walk_unload_count;

// The registers of the frame being looked at. A register outside `known` is lost.
struct frame {
    uintptr_t pc;
    bool pc_is_exact;
    uint32_t known; // bit n: reg[n] holds its value
    uintptr_t reg[RG_REG_COUNT];
};

// Whether a walk has depended on a pc being in no object.
static _Atomic bool was_outside;

void rg_walk_forget(void) {
    atomic_store(&was_outside, false);
    atomic_fetch_add(&rg_walk_unload_count, 1);
}

void rg_walk_before_load(void) {
    if (rg_unlikely(atomic_load(&was_outside))) {
        rg_walk_forget();
    }
}

static bool is_in_object(uintptr_t pc) {
    struct dl_find_object object;
    if (_dl_find_object((void *)pc, &object) == 0) {
        return true;
    }
    if (!atomic_load_explicit(&was_outside, memory_order_relaxed)) {
        atomic_store(&was_outside, true);
    }
    return false;
}

// To a sanitizer much of a stack is out of bounds, so it must not see this; an attribute is lost by inlining.
RG_INLINE uintptr_t peek(uintptr_t at) {
    uintptr_t value;
    __asm__("movq %[word], %[value]" : [value] "=r"(value) : [word] "m"(*(const uintptr_t *)at));
    return value;
}

// Reads a word of the stack. Aligned words cannot straddle pages; others are no stack slots.
RG_INLINE bool read_word(struct rg_walker *w, uintptr_t at, uintptr_t *ret) {
    if (rg_unlikely(at & 7)) {
        return false;
    }
    if (rg_unlikely(at < w->trusted_from || at >= w->trusted_to) && !rg_walk_trust(w, at)) {
        return false;
    }
    *ret = peek(at);
    return true;
}

static const struct rg_frame_rule *get_rule(struct rg_walker *w, uintptr_t pc) {
    struct rg_frame_rule *rule =
        &w->rules[(pc * 0x9e3779b97f4a7c15UL) >> 57 & (RG_RULE_CACHE_SIZE - 1)];
    // An object may have been loaded since there was none.
    if (rg_unlikely(rule->pc != pc || rule->kind == RG_RULE_NONE)) {
        rg_cfi_find(pc, rule);
    }
    return rule;
}

static bool set_register(struct frame *f, unsigned reg, bool have, uintptr_t value) {
    f->reg[reg] = value;
    f->known = have ? f->known | 1u << reg : f->known & ~(1u << reg);
    return have;
}

static bool restore_registers(struct rg_walker *w, struct frame *f,
                              const struct rg_frame_rule *rule, uintptr_t cfa) {
    uintptr_t old_bp = f->reg[RG_REG_RBP];
    for (unsigned i = 0; i < RG_SAVED_COUNT; i++) {
        int saved = rule->saved[i];
        uintptr_t value = 0;
        if (rg_likely(saved == 0)) {
            continue;
        }
        uintptr_t at = saved == RG_SAVED_AT_RBP ? old_bp : cfa + (uintptr_t)(saved * 8L);
        bool have = saved != RG_SAVED_NOWHERE && read_word(w, at, &value);
        set_register(f, rg_saved_registers[i], have, value);
    }
    return true;
}

// Goes on through memory at cfa - 8.
static bool step_to(struct rg_walker *w, struct frame *f, uintptr_t cfa) {
    uintptr_t pc;
    if (cfa <= f->reg[RG_REG_RSP] || !read_word(w, cfa - 8, &pc)) {
        return false;
    }
    f->pc = pc;
    f->pc_is_exact = false;
    set_register(f, RG_REG_RSP, true, cfa);
    return pc != 0;
}

static bool step_by_rule(struct rg_walker *w, struct frame *f, const struct rg_frame_rule *rule) {
    if (!(f->known >> rule->cfa_register & 1)) {
        return false;
    }
    uintptr_t cfa = f->reg[rule->cfa_register] + (uintptr_t)(intptr_t)rule->cfa_offset;
    if (rule->kind == RG_RULE_DEREF && !read_word(w, cfa, &cfa)) {
        return false;
    }
    return restore_registers(w, f, rule, cfa) && step_to(w, f, cfa);
}

// Where each DWARF register stands in a ucontext's gregs.
static const uint8_t greg_of[RG_REG_COUNT] = {
    REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
    REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
};

static void load_context(struct frame *f, const ucontext_t *context) {
    for (unsigned i = 0; i < RG_REG_COUNT; i++) {
        set_register(f, i, true, (uintptr_t)context->uc_mcontext.gregs[greg_of[i]]);
    }
    f->pc = f->reg[RG_REG_RA];
    f->pc_is_exact = true;
}

// The return trampoline of a signal handler: the kernel left the interrupted registers at rsp.
static bool step_over_signal(struct rg_walker *w, struct frame *f) {
    uintptr_t gregs = f->reg[RG_REG_RSP] + offsetof(ucontext_t, uc_mcontext.gregs);
    for (unsigned i = 0; i < RG_REG_COUNT; i++) {
        uintptr_t value;
        if (!read_word(w, gregs + greg_of[i] * sizeof(greg_t), &value)) {
            return false;
        }
        set_register(f, i, true, value);
    }
    f->pc = f->reg[RG_REG_RA];
    f->pc_is_exact = true;
    return f->pc != 0;
}

// Code without unwind tables (generated code): follow rbp where it looks like a frame pointer and leads
// back to code of a loaded object.
static bool step_by_frame_pointer(struct rg_walker *w, struct frame *f) {
    uintptr_t bp = f->reg[RG_REG_RBP], next_bp, next_pc;
    if (!(f->known >> RG_REG_RBP & 1) || bp <= f->reg[RG_REG_RSP] ||
        bp - f->reg[RG_REG_RSP] > (1 << 20) || !read_word(w, bp, &next_bp) ||
        !read_word(w, bp + 8, &next_pc) || !is_in_object(next_pc)) {
        return false;
    }
    set_register(f, RG_REG_RBP, true, next_bp);
    return step_to(w, f, bp + 16);
}

static bool step(struct rg_walker *w, struct frame *f) {
    const struct rg_frame_rule *rule = get_rule(w, f->pc_is_exact ? f->pc : f->pc - 1);
    switch ((enum rg_rule_kind)rule->kind) {
    case RG_RULE_OFFSET:
    case RG_RULE_DEREF:
        return step_by_rule(w, f, rule);
    case RG_RULE_SIGNAL:
        return step_over_signal(w, f);
    case RG_RULE_NONE:
        // A return address at the very start of a function was planted there, as makecontext does.
        return (f->pc_is_exact || get_rule(w, f->pc)->kind == RG_RULE_NONE) &&
               step_by_frame_pointer(w, f);
    case RG_RULE_END:
        break;
    }
    return false;
}

static void check_unloads(struct rg_walker *w) {
    unsigned now = rg_walk_unloads();
    if (rg_unlikely(now != w->unload_count)) {
        memset(w->rules, 0, sizeof w->rules);
        struct rg_quick_table quick = rg_quick_table(w);
        memset(quick.rule, 0, quick.count * sizeof *quick.rule);
        w->learnt = 0;
        w->trail[0].is_exact = w->trail[1].is_exact = false;
        w->unload_count = now;
    }
}

static size_t collect(struct rg_walker *w, struct frame *f, uintptr_t *ret_pcs, size_t depth) {
    size_t n = 0;
    check_unloads(w);
    rg_walk_begin_trust(w, f->reg[RG_REG_RSP], 0);
    while (n < depth) {
        ret_pcs[n++] = f->pc_is_exact ? f->pc | RG_PC_EXACT : f->pc;
        if (!step(w, f)) {
            break;
        }
    }
    return n;
}

// Fills in the callee-saved registers that a caller's rule may need, as they were when the function was
// called: walk up from here to that frame.
static RG_NOINLINE void find_registers(struct rg_walker *w, const struct rg_caller *caller,
                                       struct frame *f) {
    uintptr_t rbx, rbp, rsp, r12, r13, r14, r15, pc;
    __asm__ volatile("movq %%rbx, %0\n\tmovq %%rbp, %1\n\tmovq %%rsp, %2\n\tmovq %%r12, %3\n\t"
                     "movq %%r13, %4\n\tmovq %%r14, %5\n\tmovq %%r15, %6\n\tleaq 0(%%rip), %7"
                     : "=m"(rbx), "=m"(rbp), "=m"(rsp), "=m"(r12), "=m"(r13), "=m"(r14), "=m"(r15),
                       "=r"(pc));
    struct frame g = {.pc = pc, .pc_is_exact = true};
    set_register(&g, RG_REG_RBX, true, rbx);
    set_register(&g, RG_REG_RBP, true, rbp);
    set_register(&g, RG_REG_RSP, true, rsp);
    set_register(&g, 12, true, r12);
    set_register(&g, 13, true, r13);
    set_register(&g, 14, true, r14);
    set_register(&g, 15, true, r15);
    for (int i = 0; i < 16 && g.reg[RG_REG_RSP] < caller->sp && step(w, &g); i++) {
    }
    if (g.reg[RG_REG_RSP] == caller->sp && g.pc == caller->pc) {
        *f = g;
    }
}

// The frame of the caller, and the registers that a function saves as it has them. f->pc is 0 where they cannot be had.
RG_INLINE void start_at(struct rg_walker *w, const struct rg_caller *caller, struct frame *f,
                        uintptr_t ret_registers[RG_SAVED_COUNT]) {
    check_unloads(w);
    rg_walk_begin_trust(w, (uintptr_t)__builtin_frame_address(0), 0);
    find_registers(w, caller, f);
    for (unsigned i = 0; i < RG_SAVED_COUNT; i++) {
        ret_registers[i] = f->reg[rg_saved_registers[i]];
    }
}

bool rg_walk_registers(struct rg_walker *w, const struct rg_caller *caller,
                       uintptr_t ret_registers[RG_SAVED_COUNT]) {
    struct frame f = {0};
    start_at(w, caller, &f, ret_registers);
    return f.pc != 0;
}

size_t rg_walk_views(struct rg_walker *w, const struct rg_caller *caller,
                     struct rg_walk_view *ret_views, size_t max,
                     uintptr_t ret_registers[RG_SAVED_COUNT]) {
    struct frame f = {0};
    start_at(w, caller, &f, ret_registers);
    size_t n = 0;
    while (f.pc != 0 && n < max) {
        const struct rg_frame_rule *rule = get_rule(w, f.pc_is_exact ? f.pc : f.pc - 1);
        struct rg_walk_view *view = &ret_views[n];
        *view = (struct rg_walk_view){.sp = f.reg[RG_REG_RSP]};
        for (unsigned i = 0; i < RG_SAVED_COUNT && rule->kind == RG_RULE_OFFSET; i++) {
            bool is_there = rule->saved[i] != RG_SAVED_NOWHERE && rule->saved[i] != RG_SAVED_AT_RBP;
            view->saved[i] = is_there ? rule->saved[i] : 0;
        }
        if (!step(w, &f)) {
            break;
        }
        view->cfa = f.reg[RG_REG_RSP];
        n++;
    }
    return n;
}

// The walk with full registers, from the start.
static size_t walk_slowly(struct rg_walker *w, const struct rg_caller *caller, uintptr_t *ret_pcs,
                          size_t depth) {
    struct frame f = {.pc = caller->pc};
    set_register(&f, RG_REG_RSP, true, caller->sp);
    set_register(&f, RG_REG_RBP, true, caller->bp);
    size_t n = collect(w, &f, ret_pcs, depth);
    if (n == depth) {
        return n;
    }
    // Ended early for want of a register? Then once more with all of them.
    const struct rg_frame_rule *last = get_rule(w, f.pc_is_exact ? f.pc : f.pc - 1);
    bool lacks = (last->kind == RG_RULE_OFFSET || last->kind == RG_RULE_DEREF) &&
                 !(f.known >> last->cfa_register & 1);
    if (lacks) {
        struct frame g = {.pc = caller->pc};
        set_register(&g, RG_REG_RSP, true, caller->sp);
        find_registers(w, caller, &g);
        n = collect(w, &g, ret_pcs, depth);
    }
    return n;
}

static RG_COLD void learn_quick(struct rg_quick_rule *q, uintptr_t pc) {
    struct rg_frame_rule rule;
    rg_cfi_find(pc, &rule);
    *q = (struct rg_quick_rule){.pc = pc, .base = RG_QUICK_OTHER};
    int bp = rule.saved[1];
    if (rule.kind == RG_RULE_NONE) {
        // As in step: a return address that was planted at the start of a function ends the walk.
        rg_cfi_find(pc + 1, &rule);
        q->base = rule.kind != RG_RULE_NONE ? RG_QUICK_END
                  : is_in_object(pc)        ? RG_QUICK_NONE
                                            : RG_QUICK_OUTSIDE;
    } else if (rule.kind == RG_RULE_END) {
        q->base = RG_QUICK_END;
    } else if (rule.kind == RG_RULE_OFFSET && bp != RG_SAVED_AT_RBP && bp != RG_SAVED_NOWHERE &&
               (rule.cfa_register == RG_REG_RSP || rule.cfa_register == RG_REG_RBP)) {
        q->base = rule.cfa_register == RG_REG_RSP ? RG_QUICK_SP : RG_QUICK_BP;
        q->cfa_offset = rule.cfa_offset;
        q->bp_eighths = (int16_t)bp;
    }
}

// The walk by quick rules: pc, sp and bp are all it carries along.
struct quick_walk {
    struct rg_walker *w;
    struct rg_quick_table quick;
    struct rg_walk_trail *trail;
    const struct rg_walk_trail *last; // the walk that it may follow
    size_t last_count;                // of its frames
    size_t next;                      // the first of them that it has not passed
    uintptr_t pc, sp, bp;
    uintptr_t bp_at; // as in struct rg_walk_frame
    bool bp_counted; // the trail has it
};

RG_INLINE void add_frame(struct quick_walk *q) {
    struct rg_walk_trail *t = q->trail;
    t->pc[t->count] = q->pc;
    t->frame[t->count++] = (struct rg_walk_frame){.sp = q->sp, .bp = q->bp, .bp_at = q->bp_at};
}

// bp decides how the walk goes on from its last frame: so must the trail know it.
RG_INLINE void count_bp(struct quick_walk *q) {
    struct rg_walk_frame *frame = q->trail->frame;
    size_t i = q->trail->count;
    frame[i - 1].reads_bp |= !q->bp_counted;
    q->bp_counted = true;
    for (; i > 0 && frame[i - 1].bp_at == q->bp_at; i--) {
        frame[i - 1].bp = q->bp;
        frame[i - 1].bp_matters = true;
    }
}

// A frame saves its caller's bp between its own sp and cfa; elsewhere it would not be told whose it is.
RG_INLINE bool set_bp(struct quick_walk *q, uintptr_t at, uintptr_t cfa) {
    if (rg_unlikely(at < q->sp || at >= cfa)) {
        q->trail->is_exact = false;
    }
    q->bp_at = at;
    q->bp_counted = false;
    return read_word(q->w, at, &q->bp);
}

// Goes on through the return address at cfa - 8.
RG_INLINE bool go_to(struct quick_walk *q, uintptr_t cfa) {
    uintptr_t pc;
    if (rg_unlikely(!read_word(q->w, cfa - 8, &pc))) {
        return false;
    }
    q->pc = pc;
    q->sp = cfa;
    return pc != 0;
}

RG_INLINE bool quick_step(struct quick_walk *q, const struct rg_quick_rule *rule) {
    if (rule->base == RG_QUICK_BP) {
        count_bp(q);
    }
    uintptr_t base = rule->base == RG_QUICK_SP ? q->sp : q->bp;
    uintptr_t cfa = base + (uintptr_t)(intptr_t)rule->cfa_offset;
    if (rg_unlikely(cfa <= q->sp)) {
        return false;
    }
    if (rule->bp_eighths && !set_bp(q, cfa + (uintptr_t)(rule->bp_eighths * 8L), cfa)) {
        return false;
    }
    return go_to(q, cfa);
}

// As step_by_frame_pointer.
static bool quick_step_without_rule(struct quick_walk *q) {
    uintptr_t frame = q->bp;
    count_bp(q);
    return frame > q->sp && frame - q->sp <= (1 << 20) && set_bp(q, frame, frame + 16) &&
           go_to(q, frame + 16) && is_in_object(q->pc);
}

// An object has been loaded to where there was none, unnoticed: the rule is to be learnt anew.
static bool drop_outdated(struct rg_quick_rule *rule) {
    if (rule->base != RG_QUICK_OUTSIDE || !is_in_object(rule->pc)) {
        return false;
    }
    rule->pc = 0;
    return true;
}

// The place beside it keeps what a rule has displaced: two pcs of one stack may want the same place, and to learn
// both anew in each walk takes longer than the walk.
static RG_NOINLINE struct rg_quick_rule *get_beside(struct quick_walk *q, unsigned place,
                                                    uintptr_t pc) {
    struct rg_quick_rule *rule = &q->quick.rule[place], *beside = &q->quick.rule[place ^ 1];
    if (beside->pc == pc) {
        return beside;
    }
    *beside = *rule;
    learn_quick(rule, pc);
    q->w->learnt++;
    return rule;
}

RG_INLINE struct rg_quick_rule *get_quick(struct quick_walk *q, uintptr_t pc) {
    unsigned place = rg_quick_place(q->quick, pc);
    struct rg_quick_rule *rule = &q->quick.rule[place];
    return rg_likely(rule->pc == pc) ? rule : get_beside(q, place, pc);
}

void rg_walk_give_room(struct rg_walker *w, struct rg_quick_rule *room, unsigned count) {
    struct rg_quick_table old = rg_quick_table(w), table = {room, count};
    w->learnt = 0;
    for (unsigned i = 0; room && i < old.count; i++) {
        if (old.rule[i].pc) {
            unsigned place = rg_quick_place(table, old.rule[i].pc);
            room[place ^ (room[place].pc != 0)] = old.rule[i];
        }
    }
    if (room) {
        w->given_quick = room;
        w->given_count = count;
    }
}

// Whether the last walk has been at the frame that this one has come to.
RG_INLINE bool meets_last(struct quick_walk *q) {
    const struct rg_walk_trail *last = q->last;
    while (q->next < q->last_count && last->frame[q->next].sp < q->sp) {
        q->next++;
    }
    if (q->next == q->last_count) {
        return false;
    }
    const struct rg_walk_frame *f = &last->frame[q->next];
    return f->sp == q->sp && last->pc[q->next] == q->pc && (!f->bp_matters || f->bp == q->bp) &&
           q->sp >= q->w->trusted_from;
}

// Whether what the last walk read in the step from f[0] to f[1] is still there. `from` is where this walk has met
// it: a bp saved further down is what this walk has by itself. All lies below the sp of f[1].
RG_INLINE bool step_holds(const struct rg_walk_frame *f, uintptr_t pc, uintptr_t from,
                          uintptr_t to) {
    return f[1].sp <= to && peek(f[1].sp - 8) == pc &&
           !(rg_unlikely(f[0].reads_bp) && f[0].bp_at >= from && peek(f[0].bp_at) != f[0].bp);
}

// Goes on as the last walk did. Words further up are looked at only as long as all before them hold: the stack may
// be a smaller one by now, and what was behind it be gone. The last frame is left to its rule, which ends the walk
// or, where it had been cut, does not.
static RG_NOINLINE void follow_last(struct quick_walk *q, size_t depth) {
    const struct rg_walk_trail *last = q->last;
    struct rg_walk_trail *t = q->trail;
    const uintptr_t from = q->sp, to = q->w->trusted_to;
    const size_t first = q->next;
    add_frame(q);
    if (last->frame[first].bp_matters) {
        count_bp(q);
    }
    const size_t room = depth - t->count, left = q->last_count - 1 - first;
    const size_t most = first + (room < left ? room : left);
    size_t i = first;
    while (i < most && step_holds(&last->frame[i], last->pc[i + 1], from, to)) {
        i++;
    }
    struct rg_walk_frame *f = &t->frame[t->count];
    memcpy(&t->pc[t->count], &last->pc[first + 1], (i - first) * sizeof t->pc[0]);
    memcpy(f, &last->frame[first + 1], (i - first) * sizeof *f);
    t->count += i - first;
    for (; f < &t->frame[t->count] && f->bp_at < from; f++) {
        f->bp_at = q->bp_at;
        f->bp = q->bp;
    }
    f = &t->frame[t->count - 1];
    q->next = i + 1;
    q->pc = last->pc[i];
    q->sp = f->sp;
    if (f->bp_at != q->bp_at) {
        q->bp_at = f->bp_at;
        q->bp = f->bp = peek(f->bp_at);
        q->bp_counted = false;
    }
}

// False: a rule is not quick.
static bool walk_quickly(struct quick_walk *q, size_t depth) {
    struct rg_walk_trail *t = q->trail;
    for (bool more = true; more;) {
        if (meets_last(q)) {
            follow_last(q, depth);
        } else {
            add_frame(q);
        }
        if (t->count == depth) {
            return true;
        }
        struct rg_quick_rule *rule = get_quick(q, q->pc - 1);
        if (rg_likely(rule->base <= RG_QUICK_BP)) {
            more = quick_step(q, rule);
        } else if (rule->base <= RG_QUICK_OUTSIDE && !drop_outdated(rule)) {
            more = quick_step_without_rule(q);
        } else if (rule->base == RG_QUICK_END) {
            more = false;
        } else {
            return false;
        }
    }
    t->has_end = q->sp != t->frame[t->count - 1].sp;
    t->pc[t->count] = q->pc;
    t->frame[t->count].sp = q->sp;
    return true;
}

// A walk by itself, or one that may follow `last`.
static void walk(struct rg_walker *w, const struct rg_caller *caller, size_t depth,
                 struct rg_walk_trail *t, const struct rg_walk_trail *last) {
    check_unloads(w);
    // The return address was below sp.
    rg_walk_begin_trust(w, caller->sp, caller->sp - sizeof(uintptr_t));
    struct quick_walk q = {.w = w,
                           .quick = rg_quick_table(w),
                           .trail = t,
                           .last = last,
                           .last_count = last && last->is_exact ? last->count : 0,
                           .pc = caller->pc,
                           .sp = caller->sp,
                           .bp = caller->bp};
    t->count = 0;
    t->is_exact = true;
    t->has_end = false;
    if (!walk_quickly(&q, depth)) {
        t->is_exact = false;
        t->count = walk_slowly(w, caller, t->pc, depth);
    }
}

const struct rg_walk_trail *rg_walk_trail(struct rg_walker *w, const struct rg_caller *caller,
                                          size_t depth) {
    const struct rg_walk_trail *last = &w->trail[w->latest];
    w->latest ^= 1;
    walk(w, caller, depth, &w->trail[w->latest], last);
    return &w->trail[w->latest];
}

size_t rg_walk(struct rg_walker *w, const struct rg_caller *caller, uintptr_t *ret_pcs,
               size_t depth) {
    struct rg_walk_trail *t = &w->trail[w->latest ^ 1];
    walk(w, caller, depth, t, NULL);
    memcpy(ret_pcs, t->pc, t->count * sizeof *ret_pcs);
    return t->count;
}

size_t rg_walk_context(struct rg_walker *w, const ucontext_t *context, uintptr_t *ret_pcs,
                       size_t depth) {
    struct frame f = {0};
    load_context(&f, context);
    return collect(w, &f, ret_pcs, depth);
}
