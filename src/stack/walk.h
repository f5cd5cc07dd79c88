// SPDX-License-Identifier: MIT
// Walking a stack by frame rules. Fast enough for every malloc: a rule is worked out once for each pc
// and kept in a per-thread cache. Takes no lock, allocates nothing, never faults: memory is read only
// where it is known to be readable. Async-signal-safe; errno untouched.
#ifndef RG_STACK_WALK_H
#define RG_STACK_WALK_H

#include "base/compiler.h"
#include "stack/cfi.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

enum {
    RG_STACK_DEPTH_MAX = 64,
    RG_RULE_CACHE_SIZE = 128, // entries, a power of two
    // Of quick rules, powers of two: what a walker has of its own, and the most it is given.
    RG_QUICK_OWN = 1024,
    RG_QUICK_MOST = 16384,
};

// A pc in a stack is a return address, to be looked up at pc - 1, unless this bit is set: then it is the
// instruction itself (a fault, or what a signal interrupted).
#define RG_PC_EXACT (1UL << 63)

static inline uintptr_t rg_pc_lookup(uintptr_t pc) {
    return pc & RG_PC_EXACT ? pc & ~RG_PC_EXACT : pc - 1;
}

// A frame rule in the form that nearly all code has: CFA = rsp or rbp + offset, and of the saved
// registers only rbp matters.
struct rg_quick_rule {
    uintptr_t pc;
    int32_t cfa_offset;
    int16_t bp_eighths; // where rbp was saved, from the CFA; 0: unchanged
    uint8_t base;       // enum rg_quick_base
};

enum rg_quick_base {
    RG_QUICK_SP,
    RG_QUICK_BP,
    RG_QUICK_NONE,    // no rule: a frame pointer is tried
    RG_QUICK_OUTSIDE, // the same, as long as the pc is in no object
    RG_QUICK_END,     // the outermost frame
    RG_QUICK_OTHER,   // an unusual rule: the walk with all registers
};

// A frame that a walk has come to. The walk from there on is a function of pc, sp and the words that it reads
// further up; of bp too, where that matters.
struct rg_walk_frame {
    uintptr_t sp, bp;
    uintptr_t
        bp_at; // where bp was read from, above the frame of whoever saved it; 0: it is the first caller's
    bool reads_bp;   // the step from here depends on bp, and is the first to do so
    bool bp_matters; // this step or a later one depends on it
};

// A walk, and what it depended on: the walk from the same place goes the same way again as long as these words
// hold their values: bp at bp_at of frames that read it, and the pc of each frame but the first, below its sp.
struct rg_walk_trail {
    size_t count;  // frames
    bool is_exact; // false: it depended on more than these words, and must not be remembered
    bool has_end;  // one more pc was read, that of pc[count] and frame[count], and is no frame
    uintptr_t pc[RG_STACK_DEPTH_MAX + 1];
    struct rg_walk_frame frame[RG_STACK_DEPTH_MAX + 1];
};

// A thread's memory of frame rules, of its last walk, and of the part of its stack known to be readable.
// Zero-filled is empty.
struct rg_walker {
    struct rg_quick_rule own_quick[RG_QUICK_OWN];
    struct rg_quick_rule *given_quick; // used in place of these; NULL: none
    unsigned given_count;              // a power of two
    unsigned learnt;                   // how many quick rules, since there was room for so many
    struct rg_frame_rule rules[RG_RULE_CACHE_SIZE];
    uintptr_t readable_from, readable_to;
    uintptr_t other_from, other_to; // of the stack before that one
    uintptr_t own_from, own_to;     // of the thread's own stack; 0: nothing is known of it
    // What the walk may read: of the thread's own stack, or asked for in this walk.
    uintptr_t trusted_from, trusted_to;
    unsigned unload_count; // of rg_walk_unload_count when the rules were learnt
    unsigned latest;       // which of the two trails is that of the last walk
    struct rg_walk_trail trail[2];
};

// Where a walker keeps quick rules.
struct rg_quick_table {
    struct rg_quick_rule *rule;
    unsigned count;
};

static inline struct rg_quick_table rg_quick_table(struct rg_walker *w) {
    return w->given_quick ? (struct rg_quick_table){w->given_quick, w->given_count}
                          : (struct rg_quick_table){w->own_quick, RG_QUICK_OWN};
}

// Where the rule of a pc is; what another has displaced is at that place ^ 1.
static inline unsigned rg_quick_place(struct rg_quick_table table, uintptr_t pc) {
    return (unsigned)((pc * 0x9e3779b97f4a7c15UL) >> 48 & (table.count - 1));
}

// For how many quick rules a walker could do with room, since it learns the same ones again and again; 0: it has enough.
static inline unsigned rg_walk_wanted_rules(struct rg_walker *w) {
    unsigned count = rg_quick_table(w).count;
    return rg_unlikely(w->learnt > count) && count < RG_QUICK_MOST ? count * 4 : 0;
}

// Gives it that: zero-filled memory that stays. NULL: there is none, and it must do without for now.
void rg_walk_give_room(struct rg_walker *w, struct rg_quick_rule *room, unsigned count);

// Where a walk starts: the frame of a function that was called, seen by that function.
struct rg_caller {
    uintptr_t pc, sp, bp; // the return address, and the caller's rsp and rbp after the return
};

// The caller of the function this stands in, which must have a frame pointer.
#define RG_CALLER()                                                                                \
    ((struct rg_caller){((uintptr_t *)__builtin_frame_address(0))[1],                              \
                        (uintptr_t)__builtin_frame_address(0) + 16,                                \
                        ((uintptr_t *)__builtin_frame_address(0))[0]})

// Stores up to `depth` pcs of the stack, innermost first, starting with caller->pc; returns how many.
size_t rg_walk(struct rg_walker *w, const struct rg_caller *caller, uintptr_t *ret_pcs,
               size_t depth);

// The same walk, and what it depended on; until the next one. Where it comes to a frame that the last of these
// walks has been at, it follows that one for as long as the words hold: what is alike need not be unwound again.
const struct rg_walk_trail *rg_walk_trail(struct rg_walker *w, const struct rg_caller *caller,
                                          size_t depth);

// How many times objects have come or gone so that what was remembered before does not hold after.
extern _Atomic unsigned rg_walk_unload_count;
static inline unsigned rg_walk_unloads(void) {
    return atomic_load_explicit(&rg_walk_unload_count, memory_order_acquire);
}

// The same from the registers of an interrupted instruction, whose pc comes first, marked exact.
size_t rg_walk_context(struct rg_walker *w, const ucontext_t *context, uintptr_t *ret_pcs,
                       size_t depth);

// A frame with all that is its own: the words from sp up to the return address, which ends at cfa; but where it saved
// registers of its callers are theirs.
struct rg_walk_view {
    uintptr_t sp, cfa;
    int16_t saved[RG_SAVED_COUNT]; // offsets from cfa in eighths, 0: not saved there
};

// The frames of the caller's stack, innermost first, up to max; and the callee-saved registers as the caller has them, in
// the order of rg_saved_registers. Returns how many frames; 0 where the registers cannot be had. Not on another stack.
size_t rg_walk_views(struct rg_walker *w, const struct rg_caller *caller,
                     struct rg_walk_view *ret_views, size_t max,
                     uintptr_t ret_registers[RG_SAVED_COUNT]);

// The callee-saved registers alone. False: they cannot be had.
bool rg_walk_registers(struct rg_walker *w, const struct rg_caller *caller,
                       uintptr_t ret_registers[RG_SAVED_COUNT]);

// The next walk starts at this sp: the stack there becomes the one that is known to be readable.
void rg_walk_check_stack(struct rg_walker *w, uintptr_t sp);

// The walker's next walk may be on stacks that were not there before, or are no more.
static inline void rg_walk_forget_stack(struct rg_walker *w) {
    w->readable_from = w->readable_to = w->other_from = w->other_to = w->own_from = w->own_to = 0;
}

// The walker is from now on that of the calling thread, whose stack is there up to `end` as long as the thread is.
void rg_walk_begin(struct rg_walker *w, uintptr_t end);

// A walk begins at this sp, where the word `at` was in use just now; 0: none was.
void rg_walk_begin_trust(struct rg_walker *w, uintptr_t sp, uintptr_t at);

// The walk comes to a word that it has no trust in. False: it must not be read.
RG_COLD bool rg_walk_trust(struct rg_walker *w, uintptr_t at);

// Whether a word is in the known part of that stack.
static inline bool rg_walk_is_own(const struct rg_walker *w, uintptr_t at) {
    return at >= w->own_from && at < w->own_to;
}

// Objects have been unloaded: rules learnt so far may be wrong.
void rg_walk_forget(void);

// An object may be loaded next, to where there was none: what was learnt of pcs in no object may be wrong.
void rg_walk_before_load(void);

#endif
