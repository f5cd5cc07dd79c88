// SPDX-License-Identifier: MIT
// See reach.h. State: which blocks are a parent's.
#include "heap/reach.h"

#include "heap/heap.h"
#include "heap/view.h"

#include <string.h>

enum {
    BEFORE = 256, // bytes: an array counted from 1 is known by where its element 0 would be
    WORD = sizeof(uintptr_t),
};

// Of a unit.
enum {
    REACHED = 1,
    POINTED = 2, // by another block that cannot be reached
    CLAIMED = 4, // leaked, and gone through or to be so
    DIRECT = 8,
};

static struct {
    uint8_t *bits; // one for each unit; NULL: there was no block
    size_t bytes;
} inherited;

static bool is_live(const struct rg_view *v, size_t unit, uint64_t *ret_head) {
    *ret_head = atomic_load_explicit(&rg_view_record_of(v, unit)->head, memory_order_acquire);
    enum rg_block_state state = rg_head_state(*ret_head);
    return state == RG_BLOCK_LIVE || state == RG_BLOCK_MOVING;
}

// Calls fn for each unit with a live block.
struct units {
    void (*fn)(struct rg_reach *r, struct rg_view *v, size_t unit, uint64_t head, void *arg);
    struct rg_reach *reach;
    void *arg;
};

static void visit_view(struct rg_view *v, void *arg) {
    const struct units *u = arg;
    uint64_t head;
    for (size_t unit = 0; unit < v->unit_count && !atomic_load(&v->history); unit++) {
        if (is_live(v, unit, &head)) {
            u->fn(u->reach, v, unit, head, u->arg);
        }
    }
}

static void each_live(struct rg_reach *r,
                      void (*fn)(struct rg_reach *r, struct rg_view *v, size_t unit, uint64_t head,
                                 void *arg),
                      void *arg) {
    struct units u = {fn, r, arg};
    rg_view_each(visit_view, &u);
}

static void number_view(struct rg_view *v, void *arg) {
    size_t *count = arg;
    v->first_mark = *count;
    *count += v->unit_count;
}

static void count_one(struct rg_reach *r, struct rg_view *v, size_t unit, uint64_t head,
                      void *arg) {
    (void)v, (void)unit, (void)head, (void)arg;
    r->live++;
}

bool rg_reach_begin(struct rg_reach *r) {
    size_t units = 0;
    *r = (struct rg_reach){.step = WORD};
    rg_view_each(number_view, &units);
    each_live(r, count_one, NULL);
    size_t marks = rg_align_up(units + 1, RG_PAGE_SIZE);
    size_t todo = rg_align_up((r->live + 1) * sizeof *r->todo, RG_PAGE_SIZE);
    char *memory = rg_vmem_map_metadata(marks + todo);
    if (!memory) {
        return false;
    }
    r->marks = (uint8_t *)memory;
    r->todo = (uintptr_t *)(void *)(memory + marks);
    r->todo_cap = todo / sizeof *r->todo;
    r->from = (uintptr_t)memory;
    r->to = r->from + marks + todo;
    return true;
}

void rg_reach_end(struct rg_reach *r) {
    rg_vmem_unmap((void *)r->from, r->to - r->from);
}

static void push(struct rg_reach *r, uintptr_t block) {
    if (r->todo_count < r->todo_cap) {
        r->todo[r->todo_count++] = block;
    }
}

static uint8_t *mark_of(struct rg_reach *r, const struct rg_view *v, size_t unit) {
    return &r->marks[v->first_mark + unit];
}

// A word that counts points to the block.
static void note_pointer(struct rg_reach *r, const struct rg_view *v, size_t unit) {
    uint8_t *mark = mark_of(r, v, unit);
    uintptr_t block = rg_view_block(v, unit);
    if (*mark & REACHED) {
        return;
    }
    if (r->stage == RG_REACH_ROOTS) {
        *mark |= REACHED;
        push(r, block);
    } else if (block == r->source) {
        return; // to itself
    } else if (r->stage == RG_REACH_POINTED) {
        *mark |= POINTED;
    } else if (!(*mark & CLAIMED)) {
        *mark |= CLAIMED;
        push(r, block);
    } else if (block != r->leader) {
        // What led its own ring before hangs on this one.
        *mark &= (uint8_t)~DIRECT;
    }
}

// The live block that owns the page that an address is in.
static bool find_owner(uintptr_t address, struct rg_view **ret_view, size_t *ret_unit,
                       uint64_t *ret_head) {
    struct rg_view *v = rg_view_find(address);
    if (rg_likely(!v) || atomic_load_explicit(&v->history, memory_order_relaxed)) {
        return false;
    }
    *ret_view = v;
    *ret_unit = rg_view_unit(v, address);
    return *ret_unit < v->unit_count && is_live(v, *ret_unit, ret_head);
}

static void look_at_word(struct rg_reach *r, uintptr_t word) {
    struct rg_view *v;
    size_t unit;
    uint64_t head;
    const size_t offset = word % RG_PAGE_SIZE;
    if (find_owner(word, &v, &unit, &head)) {
        note_pointer(r, v, unit);
    }
    if (offset == 0 && find_owner(word - 1, &v, &unit, &head) &&
        rg_view_block(v, unit) + rg_head_size(head) == word) {
        note_pointer(r, v, unit); // right behind its end
    }
    uintptr_t next = word - offset + RG_PAGE_SIZE;
    if (offset >= RG_PAGE_SIZE - BEFORE && find_owner(next, &v, &unit, &head) &&
        rg_view_block(v, unit) == next) {
        note_pointer(r, v, unit); // shortly before it
    }
}

void rg_reach_look(struct rg_reach *r, const char *memory, size_t bytes) {
    for (size_t i = 0; i + WORD <= bytes; i += r->step) {
        uintptr_t word;
        memcpy(&word, memory + i, sizeof word);
        // Some programs keep a tag in the upper bits.
        word &= RG_POINTER_MASK;
        // Nothing of the heap is in the first 4 GiB.
        if (word >> 32 != 0) {
            look_at_word(r, word);
        }
    }
}

static void show(struct rg_reach *r, const struct rg_view *v, size_t unit, uint64_t head,
                 rg_reach_block_fn *fn, void *arg) {
    uintptr_t block = rg_view_block(v, unit);
    bool has_root = v->kind == RG_VIEW_SMALL;
    r->source = block;
    fn(block, has_root ? v->root + (block - v->base) : block, rg_head_size(head), arg);
    r->source = 0;
}

void rg_reach_follow(struct rg_reach *r, rg_reach_block_fn *fn, void *arg) {
    struct rg_view *v;
    size_t unit;
    uint64_t head;
    while (r->todo_count > 0) {
        if (find_owner(r->todo[--r->todo_count], &v, &unit, &head)) {
            show(r, v, unit, head, fn, arg);
        }
    }
}

static void push_reached(struct rg_reach *r, struct rg_view *v, size_t unit, uint64_t head,
                         void *arg) {
    (void)head, (void)arg;
    if (*mark_of(r, v, unit) & REACHED) {
        push(r, rg_view_block(v, unit));
    }
}

void rg_reach_again(struct rg_reach *r) {
    each_live(r, push_reached, NULL);
}

static bool is_inherited(const struct rg_view *v, size_t unit) {
    size_t bit = v->first_inherited + unit - 1;
    return v->first_inherited > 0 && (inherited.bits[bit / 8] >> bit % 8 & 1);
}

struct leaks {
    void (*fn)(uintptr_t block, size_t size, bool is_direct, void *arg);
    void *arg;
};

static void tell(struct rg_reach *r, struct rg_view *v, size_t unit, uint64_t head, void *arg) {
    const struct leaks *l = arg;
    uint8_t mark = *mark_of(r, v, unit);
    if (!(mark & REACHED) && rg_head_state(head) == RG_BLOCK_LIVE && !is_inherited(v, unit)) {
        l->fn(rg_view_block(v, unit), rg_head_size(head), (mark & DIRECT) != 0, l->arg);
    }
}

void rg_reach_each_leaked(struct rg_reach *r,
                          void (*fn)(uintptr_t block, size_t size, bool is_direct, void *arg),
                          void *arg) {
    struct leaks l = {fn, arg};
    each_live(r, tell, &l);
}

static void note_one(uintptr_t block, size_t size, bool is_direct, void *arg) {
    (void)block, (void)size, (void)is_direct;
    *(bool *)arg = true;
}

bool rg_reach_is_missing(struct rg_reach *r) {
    bool is_missing = false;
    rg_reach_each_leaked(r, note_one, &is_missing);
    return is_missing;
}

struct shown {
    rg_reach_block_fn *fn;
    void *arg;
};

static void show_unreached(struct rg_reach *r, struct rg_view *v, size_t unit, uint64_t head,
                           void *arg) {
    const struct shown *s = arg;
    if (!(*mark_of(r, v, unit) & REACHED)) {
        show(r, v, unit, head, s->fn, s->arg);
    }
}

void rg_reach_find_pointed(struct rg_reach *r, rg_reach_block_fn *fn, void *arg) {
    struct shown s = {fn, arg};
    r->stage = RG_REACH_POINTED;
    each_live(r, show_unreached, &s);
}

static void lead(struct rg_reach *r, const struct rg_view *v, size_t unit, const struct shown *s) {
    *mark_of(r, v, unit) |= CLAIMED | DIRECT;
    r->leader = rg_view_block(v, unit);
    push(r, r->leader);
    rg_reach_follow(r, s->fn, s->arg);
}

static void lead_unpointed(struct rg_reach *r, struct rg_view *v, size_t unit, uint64_t head,
                           void *arg) {
    (void)head;
    if (!(*mark_of(r, v, unit) & (REACHED | POINTED))) {
        lead(r, v, unit, arg);
    }
}

static void lead_unclaimed(struct rg_reach *r, struct rg_view *v, size_t unit, uint64_t head,
                           void *arg) {
    (void)head;
    if (!(*mark_of(r, v, unit) & (REACHED | CLAIMED))) {
        lead(r, v, unit, arg);
    }
}

void rg_reach_find_direct(struct rg_reach *r, rg_reach_block_fn *fn, void *arg) {
    struct shown s = {fn, arg};
    r->stage = RG_REACH_CLAIMED;
    each_live(r, lead_unpointed, &s);
    each_live(r, lead_unclaimed, &s); // what is left are rings, and what hangs on them
}

static void number_inherited(struct rg_view *v, void *arg) {
    size_t *count = arg;
    v->first_inherited = *count + 1;
    *count += v->unit_count;
}

static void note_inherited(struct rg_reach *r, struct rg_view *v, size_t unit, uint64_t head,
                           void *arg) {
    (void)r, (void)head, (void)arg;
    size_t bit = v->first_inherited + unit - 1;
    inherited.bits[bit / 8] |= (uint8_t)(1U << bit % 8);
}

bool rg_reach_inherit(void) {
    size_t count = 0;
    if (inherited.bits) {
        rg_vmem_unmap(inherited.bits, inherited.bytes);
    }
    rg_view_each(number_inherited, &count);
    inherited.bytes = rg_align_up(count / 8 + 1, RG_PAGE_SIZE);
    inherited.bits = rg_vmem_map_metadata(inherited.bytes);
    if (!inherited.bits) {
        return false;
    }
    each_live(NULL, note_inherited, NULL);
    return true;
}
