// SPDX-License-Identifier: MIT
// See holders.h. A register that a function saves belongs to the nearest function around it that saves it as well, since
// that is why it does. State: how much may still be looked at; buffers, under the FAULT lock.
#include "front/holders.h"

#include "base/sys.h"
#include "front/fault.h"
#include "front/peek.h"
#include "front/search.h"
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

struct stack {
    struct rg_walk_view view[RG_STACK_DEPTH_MAX];
    size_t count;
    uintptr_t registers[RG_SAVED_COUNT];
};

// What was found: the outermost frame that holds the pointer, and how.
struct outermost {
    size_t frame; // count: it cannot be told whose it is
    bool is_there, has_word;
};

static void note(struct outermost *o, size_t frame, bool is_word) {
    if (!o->is_there || frame > o->frame) {
        *o = (struct outermost){frame, true, is_word};
    } else if (frame == o->frame) {
        o->has_word |= is_word;
    }
}

static size_t owner_of_register(const struct stack *s, size_t from, unsigned reg) {
    size_t i = from;
    while (i < s->count && s->view[i].saved[reg] == 0) {
        i++;
    }
    return i;
}

static void note_word(struct outermost *o, const struct stack *s, size_t frame, uintptr_t at) {
    const struct rg_walk_view *v = &s->view[frame];
    for (unsigned reg = 0; reg < RG_SAVED_COUNT; reg++) {
        if (v->saved[reg] != 0 && at == v->cfa + (uintptr_t)(v->saved[reg] * 8L)) {
            note(o, owner_of_register(s, frame + 1, reg), false);
            return;
        }
    }
    note(o, frame, true);
}

// Goes through the words from `from` to `to`, all of one frame; frame is s->count for what is beyond the last one.
static void look(struct outermost *o, const struct stack *s, size_t frame, uintptr_t from,
                 uintptr_t to, const struct block *b) {
    uintptr_t words[CHUNK];
    while (from < to) {
        size_t bytes = to - from < sizeof words ? to - from : sizeof words;
        if (!rg_peek(words, (const void *)from, bytes)) {
            note(o, s->count, false);
            return;
        }
        for (size_t i = 0; i < bytes / sizeof words[0]; i++) {
            if (points_to(words[i], b) && frame == s->count) {
                note(o, s->count, false);
            } else if (points_to(words[i], b)) {
                note_word(o, s, frame, from + i * sizeof words[0]);
            }
        }
        from += bytes;
    }
}

static struct outermost look_at_stack(const struct stack *s, const struct block *b) {
    struct outermost o = {0};
    uintptr_t end = rg_holders_stack_end();
    for (unsigned reg = 0; reg < RG_SAVED_COUNT; reg++) {
        if (points_to(s->registers[reg], b)) {
            note(&o, owner_of_register(s, 0, reg), false);
        }
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct rg_walk_view *v = &s->view[i];
        if (v->cfa <= v->sp || v->cfa - v->sp > FRAME_BYTES_MOST) {
            note(&o, s->count, false);
            return o;
        }
        look(&o, s, i, v->sp, v->cfa - sizeof(uintptr_t), b);
    }
    uintptr_t last = s->count > 0 ? s->view[s->count - 1].cfa : 0;
    if (end - last > OUTER_BYTES_MOST) {
        note(&o, s->count, false); // the walk has come to its end early
    } else {
        look(&o, s, s->count, last, end & ~7UL, b);
    }
    return o;
}

bool rg_holders_are_outer(const uintptr_t *pcs, size_t pc_count, size_t count,
                          const uintptr_t *other, size_t other_count) {
    return count <= pc_count && count <= other_count &&
           memcmp(pcs + (pc_count - count), other + (other_count - count), count * sizeof *pcs) ==
               0;
}

// Whether the block was allocated, or moved to where it is, while the function that frame `frame` is of was being called
// from the same place. Not known where stacks were cut.
static bool is_own_of_frame(uintptr_t address, uint32_t id, size_t frame, size_t *ret_around) {
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
    *ret_around = failed.count - (frame + 1);
    return *ret_around < born.count &&
           rg_holders_are_outer(failed.pcs, failed.count, *ret_around, born.pcs, born.count);
}

static void search(void *arg) {
    struct rg_search *s = arg;
    rg_search_memory(s);
}

static bool is_in_memory(const struct block *b) {
    struct rg_sought sought = {.address = b->address, .size = b->size};
    size_t left = atomic_load(&budget), most = left < MOST_AT_ONCE ? left : MOST_AT_ONCE;
    struct rg_search s = {.sought = &sought,
                          .count = 1,
                          .stack = rg_holders_stack_end() & ~7UL,
                          .step = sizeof(uintptr_t),
                          .budget = most};
    if (most > 0) {
        rg_fault_call(search, &s);
        size_t used = most - s.budget > LEAST_AT_ONCE ? most - s.budget : LEAST_AT_ONCE;
        atomic_store(&budget, left > used ? left - used : 0);
    }
    return sought.found;
}

struct rg_holders rg_holders_find(uintptr_t address, size_t size, uint32_t id,
                                  const struct rg_caller *caller) {
    struct rg_holders holders = {0};
    struct block b = {address, size};
    struct stack stack = {0};
    struct rg_stay stay = rg_thread_enter();
    if (stay.data) {
        stack.count = rg_walk_views(&stay.data->capture.walker, caller, stack.view,
                                    RG_STACK_DEPTH_MAX, stack.registers);
    }
    rg_thread_leave(stay);
    struct outermost o = look_at_stack(&stack, &b);
    if (o.is_there && o.frame < stack.count &&
        is_own_of_frame(address, id, o.frame, &holders.frames_around)) {
        holders.frame = true;
        holders.only_register = !o.has_word;
    }
    holders.memory = is_in_memory(&b);
    return holders;
}
