// SPDX-License-Identifier: MIT
// See holders.h. State: how much may still be looked at; buffers, under the FAULT lock.
#include "front/holders.h"

#include "base/lock.h"
#include "base/sys.h"
#include "front/fault.h"
#include "front/overwrite.h"
#include "front/peek.h"
#include "front/thread.h"
#include "heap/heap.h"
#include "stack/depot.h"

#include <stdatomic.h>
#include <string.h>

enum { FRAME_BYTES_MOST = 1 << 20, OUTER_BYTES_MOST = 64 << 10, CHUNK = 32 };

// In all calls together, so that a program in which many fail is not slowed down by it.
static _Atomic size_t budget = (size_t)1 << 30;
static const size_t MOST_AT_ONCE = (size_t)256 << 20, LEAST_AT_ONCE = (size_t)1 << 20;

extern void *__libc_stack_end;

uintptr_t rg_holders_control(void) {
    uintptr_t self;
    __asm__("mov %%fs:0, %0" : "=r"(self));
    return self;
}

uintptr_t rg_holders_stack_end(void) {
    return rg_gettid() == rg_getpid() ? (uintptr_t)__libc_stack_end : rg_holders_control();
}

struct block {
    uintptr_t address;
    size_t size;
};

static bool points_to(uintptr_t word, const struct block *b) {
    return word - b->address <= b->size;
}

// Under the FAULT lock, as is the stack on which all is looked at: the program's may be small.
static struct stack {
    struct rg_walk_view view[RG_STACK_DEPTH_MAX];
    size_t count;
    uintptr_t registers[RG_SAVED_COUNT];
} walked;
enum { OTHER_STACK = 32 << 10 };
static char other_stack[OTHER_STACK] __attribute__((aligned(16)));

// What was found: how many words and registers; of the last word the frame that it is of.
struct on_stack {
    size_t count, frame;
    uintptr_t word; // 0: it is a register, or nobody knows whose it is
};

static void note(struct on_stack *o, size_t frame, uintptr_t word) {
    *o = (struct on_stack){o->count + 1, frame, word};
}

static void note_word(struct on_stack *o, const struct stack *s, size_t frame, uintptr_t at) {
    const struct rg_walk_view *v = &s->view[frame];
    bool is_register = false;
    for (unsigned reg = 0; reg < RG_SAVED_COUNT; reg++) {
        is_register =
            is_register || (v->saved[reg] != 0 && at == v->cfa + (uintptr_t)(v->saved[reg] * 8L));
    }
    note(o, frame, is_register ? 0 : at);
}

// Goes through the words from `from` to `to`, all of one frame; frame is s->count for what is beyond the last one.
static void look(struct on_stack *o, const struct stack *s, size_t frame, uintptr_t from,
                 uintptr_t to, const struct block *b) {
    uintptr_t words[CHUNK];
    while (from < to) {
        size_t bytes = to - from < sizeof words ? to - from : sizeof words;
        if (!rg_peek(words, (const void *)from, bytes)) {
            note(o, s->count, 0);
            return;
        }
        for (size_t i = 0; i < bytes / sizeof words[0]; i++) {
            if (points_to(words[i], b) && frame == s->count) {
                note(o, s->count, 0);
            } else if (points_to(words[i], b)) {
                note_word(o, s, frame, from + i * sizeof words[0]);
            }
        }
        from += bytes;
    }
}

static struct on_stack look_at_stack(const struct stack *s, const struct block *b) {
    struct on_stack o = {0};
    uintptr_t end = rg_holders_stack_end();
    for (unsigned reg = 0; reg < RG_SAVED_COUNT; reg++) {
        if (points_to(s->registers[reg], b)) {
            note(&o, s->count, 0);
        }
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct rg_walk_view *v = &s->view[i];
        if (v->cfa <= v->sp || v->cfa - v->sp > FRAME_BYTES_MOST) {
            note(&o, s->count, 0);
            return o;
        }
        look(&o, s, i, v->sp, v->cfa - sizeof(uintptr_t), b);
    }
    uintptr_t last = s->count > 0 ? s->view[s->count - 1].cfa : 0;
    if (end - last > OUTER_BYTES_MOST) {
        note(&o, s->count, 0); // the walk has come to its end early
    } else {
        look(&o, s, s->count, last, end & ~7UL, b);
    }
    return o;
}

// Whether the block was allocated, or moved to where it is, while the function that frame `frame` is of was being called
// from the same place; but not by the same call, which is then likely to be that of a function called again and again. Not
// known where stacks were cut.
static bool is_own_of_frame(uintptr_t address, uint32_t id, size_t frame) {
    uintptr_t failed_pcs[RG_STACK_DEPTH_MAX], born_pcs[RG_STACK_DEPTH_MAX];
    struct rg_block_facts facts;
    if (!rg_heap_describe(address, &facts) || !rg_thread_self.data) {
        return false;
    }
    struct rg_stack failed = rg_depot_get((struct rg_stack_id){id}, failed_pcs, RG_STACK_DEPTH_MAX);
    struct rg_stack born =
        rg_depot_get((struct rg_stack_id){facts.alloc_stack}, born_pcs, RG_STACK_DEPTH_MAX);
    size_t depth = rg_thread_self.data->capture.depth;
    if (failed.count >= depth || born.count >= depth || frame + 1 > failed.count) {
        return false;
    }
    size_t around = failed.count - (frame + 1);
    return around < born.count &&
           memcmp(failed.pcs + (failed.count - around), born.pcs + (born.count - around),
                  around * sizeof failed.pcs[0]) == 0 &&
           failed.pcs[frame] != born.pcs[born.count - around - 1];
}

// caller_sp: on the stack that the call was made on, which need not be the thread's own. False: not all was looked at.
static bool look_at_memory(struct rg_sought *sought, uintptr_t caller_sp) {
    size_t left = atomic_load(&budget), most = left < MOST_AT_ONCE ? left : MOST_AT_ONCE;
    struct rg_search s = {.sought = sought,
                          .count = 1,
                          .left_out = caller_sp,
                          .left_out_too = (rg_holders_stack_end() & ~7UL) - sizeof(uintptr_t),
                          .step = sizeof(uintptr_t),
                          .budget = most};
    if (most == 0) {
        return false;
    }
    bool is_complete = rg_search_memory(&s);
    size_t used = most - s.budget > LEAST_AT_ONCE ? most - s.budget : LEAST_AT_ONCE;
    atomic_store(&budget, left > used ? left - used : 0);
    return is_complete;
}

static void keep_words(struct rg_holders *h, const struct rg_sought *sought) {
    h->word_count =
        sought->word_count < RG_SOUGHT_WORDS ? sought->word_count : (size_t)RG_SOUGHT_WORDS;
    for (size_t i = 0; i < h->word_count; i++) {
        struct rg_block_facts facts;
        h->word[i].at = sought->word[i];
        h->word[i].birth = rg_heap_describe(sought->word[i], &facts) ? facts.alloc_stack : 0;
    }
}

struct job {
    const struct rg_caller *caller;
    struct block block;
    uint32_t stack;
    struct rg_holders *holders;
};

static void find(void *arg) {
    const struct job *job = arg;
    struct rg_sought sought = {.address = job->block.address, .size = job->block.size};
    struct on_stack o = look_at_stack(&walked, &job->block);
    bool is_complete = look_at_memory(&sought, job->caller->sp);
    uintptr_t at = o.count + sought.word_count == 1 && is_complete
                       ? rg_overwrite_find(job->caller, walked.registers)
                       : 0;
    job->holders->is_overwritten =
        at != 0 &&
        (o.count == 0 ? at == sought.word[0]
                      : at == o.word && is_own_of_frame(sought.address, job->stack, o.frame));
    keep_words(job->holders, &sought);
}

void rg_holders_find(uintptr_t address, size_t size, uint32_t id, const struct rg_caller *caller,
                     struct rg_holders *ret_holders) {
    struct job job = {caller, {address, size}, id, ret_holders};
    *ret_holders = (struct rg_holders){0};
    struct rg_stay stay = rg_thread_enter();
    if (stay.data) {
        rg_lock(RG_LOCK_FAULT);
        walked.count = rg_walk_views(&stay.data->capture.walker, caller, walked.view,
                                     RG_STACK_DEPTH_MAX, walked.registers);
        rg_call_on_stack(find, &job, other_stack + sizeof other_stack);
        rg_unlock(RG_LOCK_FAULT);
    }
    rg_thread_leave(stay);
}

bool rg_holders_are_empty(const struct rg_holders *h) {
    for (size_t i = 0; i < h->word_count; i++) {
        struct rg_block_facts facts;
        uintptr_t word = 1, at = h->word[i].at;
        bool is_there = false;
        if (!rg_view_find(at)) {
            is_there = rg_peek(&word, (const void *)at, sizeof word);
        } else if (rg_heap_describe(at, &facts) && facts.alloc_stack == h->word[i].birth) {
            is_there = facts.state == RG_BLOCK_LIVE ? rg_peek(&word, (const void *)at, sizeof word)
                                                    : rg_heap_word_at_end(at, &word);
        }
        if (is_there && word == 0) {
            return true;
        }
    }
    return false;
}
