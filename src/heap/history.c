// SPDX-License-Identifier: MIT
// See history.h. State under the RECORDS lock: the queue of packed views, oldest first. Inherited by fork as it
// is.
//
// A view's records go through up to three forms: full, packed, brief. Each is written by one thread under the
// RECORDS lock, published in view->history, and only then the memory of the one before is given back.
//   readers  read the form that view->history names, and look again afterwards: the same form there means that
//            its memory had not been given back before the last read. Else they start anew, twice at most. What
//            they read meanwhile may be zeros or, of a full record, another view's (record_memory.h). Who claims a
//            block by its full record therefore looks at view->history afterwards, and undoes the claim.
//   fates    are the only change after a view was retired. The writer marks the record of the form that it
//            finds, and then looks whether there is a newer one; who packs publishes first, and then looks for
//            marks that came late. Both order their two steps by sequentially consistent operations, so one of
//            the two sees the other. Both write the same values.
// x86 keeps loads in order, and a signal fence keeps the compiler from moving them.
#include "heap/history.h"

#include "base/lock.h"
#include "heap/record_memory.h"
#include "heap/size_class.h"

#include <stddef.h>
#include <string.h>

// Of both forms. A page number stands for the block in it: a unit starts a page, and holds one block.
#define SIZE_BITS     21
#define SIZE_MASK     ((1U << SIZE_BITS) - 1)
#define NEXT_SHIFT    SIZE_BITS        // 3 bits, the upper part of the page where it went
#define PREV_SHIFT    (NEXT_SHIFT + 3) // 3 bits, the same of where it came from
#define FAMILY_SHIFT  (PREV_SHIFT + 3) // 2 bits
#define WAS_MOVED_BIT (1U << 29)       // into this unit, from `birth`
#define RELEASED_BIT  (1U << 30)
#define FREED_BIT     (1U << 31) // what it became was freed; with RELEASED_BIT: it was freed by free

_Static_assert(FAMILY_SHIFT + 2 == 29, "the fields fill a word");
_Static_assert(RG_PAGES_MAX *RG_PAGE_SIZE <= SIZE_MASK, "the largest size of a class fits");

struct detailed {
    uint32_t end_stack;
    uint32_t next; // lower part of a page number
    _Atomic uint32_t bits;
    // Of a block that was moved here: lower part of the page where it came from. The record there tells the
    // stack and the thread. Else the stack that allocated it.
    uint32_t birth;
    _Atomic uint32_t fate_stack;
    uint16_t end_thread, alloc_thread;
    _Atomic uint16_t fate_thread;
};

struct brief {
    uint32_t end_stack;
    uint32_t next;
    _Atomic uint32_t bits;
};

_Static_assert(sizeof(struct detailed) == 28 && sizeof(struct brief) == 12, "as history.h says");

// A block that was freed, and whose slot went on to a later view: bits 0-20 its size, 21-44 the stack that freed it,
// 45-60 the thread. The same in both forms.
#define FREED_STACK_SHIFT  SIZE_BITS
#define FREED_THREAD_SHIFT (FREED_STACK_SHIFT + RG_BLOCK_STACK_BITS)

// Units that have a record, or the word of a freed block, among 64.
struct run {
    uint64_t has_record, was_freed;
    uint32_t before, freed_before; // records and words of earlier runs
};

struct rg_history {
    uint32_t count, freed_count;
    bool is_brief;
    struct run runs[]; // for all units; then the words, and then the records
};

static size_t detailed_max = SIZE_MAX;
static struct rg_view *oldest, *newest; // with details
static size_t detailed_count, brief_count;

void rg_history_init(size_t max) {
    detailed_max = max;
}

static size_t run_count(const struct rg_view *v) {
    return (v->unit_count + 63) / 64;
}

static size_t record_size(bool is_brief) {
    return is_brief ? sizeof(struct brief) : sizeof(struct detailed);
}

static size_t history_bytes(const struct rg_view *v, size_t count, size_t freed_count,
                            bool is_brief) {
    return sizeof(struct rg_history) + run_count(v) * sizeof(struct run) +
           freed_count * sizeof(uint64_t) + count * record_size(is_brief);
}

static struct rg_history *create(const struct rg_view *v, size_t count, size_t freed_count,
                                 bool is_brief) {
    struct rg_history *h = rg_record_memory_take(is_brief ? RG_RECORDS_BRIEF : RG_RECORDS_DETAILED,
                                                 history_bytes(v, count, freed_count, is_brief));
    if (h) {
        h->count = (uint32_t)count;
        h->freed_count = (uint32_t)freed_count;
        h->is_brief = is_brief;
    }
    return h;
}

static uint64_t *freed_words(const struct rg_view *v, const struct rg_history *h) {
    return (uint64_t *)(h->runs + run_count(v));
}

static char *records_of(const struct rg_view *v, const struct rg_history *h) {
    return (char *)(freed_words(v, h) + h->freed_count);
}

// Of the bits of a run, those before this one.
static uint32_t count_before(uint64_t bits, uint64_t bit) {
    return (uint32_t)__builtin_popcountl(bits & (bit - 1));
}

static const uint64_t *freed_word_of(const struct rg_view *v, const struct rg_history *h,
                                     size_t unit) {
    const struct run *run = &h->runs[unit / 64];
    uint64_t bit = 1UL << unit % 64;
    return run->was_freed & bit
               ? freed_words(v, h) + run->freed_before + count_before(run->was_freed, bit)
               : NULL;
}

static void *record_of(const struct rg_view *v, const struct rg_history *h, size_t unit) {
    const struct run *run = &h->runs[unit / 64];
    uint64_t bit = 1UL << unit % 64;
    if (!(run->has_record & bit)) {
        return NULL;
    }
    size_t index = run->before + count_before(run->has_record, bit);
    return records_of(v, h) + index * record_size(h->is_brief);
}

static _Atomic uint32_t *bits_of(const struct rg_history *h, void *record) {
    return h->is_brief ? &((struct brief *)record)->bits : &((struct detailed *)record)->bits;
}

// --- Packing ---

static uint32_t low_page(uintptr_t address) {
    return (uint32_t)(address / RG_PAGE_SIZE);
}

static uint32_t high_page(uintptr_t address) {
    return (uint32_t)(address / RG_PAGE_SIZE >> 32);
}

static void copy_fate(struct detailed *d, const struct rg_view *v, size_t unit) {
    const struct rg_block_fate *fates = atomic_load(&v->fates);
    if (!fates) {
        return;
    }
    const struct rg_block_fate *fate = &fates[unit];
    if (atomic_load(&fate->what) == RG_FATE_FREED && !(atomic_load(&d->bits) & FREED_BIT)) {
        atomic_store_explicit(&d->fate_stack,
                              atomic_load_explicit(&fate->stack, memory_order_relaxed),
                              memory_order_relaxed);
        atomic_store_explicit(&d->fate_thread,
                              atomic_load_explicit(&fate->thread, memory_order_relaxed),
                              memory_order_relaxed);
        atomic_fetch_or(&d->bits, FREED_BIT);
    }
}

static uint32_t end_bits(uint64_t head) {
    return rg_head_state(head) == RG_BLOCK_RELEASED ? RELEASED_BIT
           : rg_head_state(head) == RG_BLOCK_ENDED  ? RELEASED_BIT | FREED_BIT
                                                    : 0;
}

static void pack_one(struct detailed *d, const struct rg_view *v, size_t unit) {
    const struct rg_block *b = rg_view_record_of(v, unit);
    uint64_t head = atomic_load_explicit(&b->head, memory_order_relaxed);
    uint64_t birth = atomic_load_explicit(&b->birth, memory_order_relaxed);
    uint64_t next = atomic_load_explicit(&b->next, memory_order_relaxed);
    uintptr_t from = rg_birth_page(birth), to = rg_link_address(next);
    d->end_stack = rg_birth_end_stack(birth);
    d->next = low_page(to);
    d->birth = from ? low_page(from) : rg_birth_stack(birth);
    d->end_thread = rg_link_thread(next);
    d->alloc_thread = rg_head_thread(head);
    atomic_store_explicit(&d->bits,
                          (uint32_t)rg_head_size(head) | high_page(to) << NEXT_SHIFT |
                              high_page(from) << PREV_SHIFT |
                              (uint32_t)rg_head_family(head) << FAMILY_SHIFT |
                              (from ? WAS_MOVED_BIT : 0) | end_bits(head),
                          memory_order_relaxed);
    copy_fate(d, v, unit);
}

// What is kept of a unit.
enum keep { NOTHING, WORD, RECORD };

static enum keep what_to_keep(const struct rg_view *v, size_t unit) {
    uint64_t head = atomic_load_explicit(&rg_view_record_of(v, unit)->head, memory_order_relaxed);
    return !rg_head_was_used(head)                  ? NOTHING
           : rg_state_is_stale(rg_head_state(head)) ? RECORD
                                                    : WORD;
}

static uint64_t make_freed_word(const struct rg_block *b) {
    uint64_t head = atomic_load_explicit(&b->head, memory_order_relaxed);
    uint64_t stack = rg_birth_end_stack(atomic_load_explicit(&b->birth, memory_order_relaxed));
    uint64_t thread = rg_link_thread(atomic_load_explicit(&b->next, memory_order_relaxed));
    return rg_head_size(head) | stack << FREED_STACK_SHIFT | thread << FREED_THREAD_SHIFT;
}

static struct detailed *first_detailed(const struct rg_view *v, const struct rg_history *h) {
    return (struct detailed *)records_of(v, h);
}

static void pack_units(const struct rg_view *v, struct rg_history *h) {
    struct detailed *d = first_detailed(v, h);
    uint64_t *words = freed_words(v, h);
    uint32_t records_done = 0, words_done = 0;
    for (size_t unit = 0; unit < v->unit_count; unit++) {
        struct run *run = &h->runs[unit / 64];
        if (unit % 64 == 0) {
            run->before = records_done;
            run->freed_before = words_done;
        }
        enum keep keep = what_to_keep(v, unit);
        if (keep == RECORD) {
            run->has_record |= 1UL << unit % 64;
            pack_one(&d[records_done++], v, unit);
        } else if (keep == WORD) {
            run->was_freed |= 1UL << unit % 64;
            words[words_done++] = make_freed_word(rg_view_record_of(v, unit));
        }
    }
}

static struct rg_history *pack(const struct rg_view *v) {
    size_t count[RECORD + 1] = {0};
    for (size_t unit = 0; unit < v->unit_count; unit++) {
        count[what_to_keep(v, unit)]++;
    }
    struct rg_history *h = create(v, count[RECORD], count[WORD], false);
    if (h) {
        pack_units(v, h);
    }
    return h;
}

// After the packed records have been published.
static void copy_late_fates(const struct rg_view *v, const struct rg_history *h) {
    struct detailed *d = first_detailed(v, h);
    for (size_t unit = 0; unit < v->unit_count; unit++) {
        if (h->runs[unit / 64].has_record >> unit % 64 & 1) {
            copy_fate(d++, v, unit);
        }
    }
}

// --- Dropping details ---

static void shorten(const struct rg_view *v, struct rg_history *to, const struct rg_history *from) {
    memcpy(to->runs, from->runs,
           run_count(v) * sizeof(struct run) + from->freed_count * sizeof(uint64_t));
    const struct detailed *d = first_detailed(v, from);
    struct brief *b = (struct brief *)records_of(v, to);
    for (size_t i = 0; i < from->count; i++) {
        b[i].end_stack = d[i].end_stack;
        b[i].next = d[i].next;
        atomic_store_explicit(&b[i].bits, atomic_load(&d[i].bits), memory_order_relaxed);
    }
}

// As above, from one form to the other.
static void shorten_late_fates(const struct rg_view *v, struct rg_history *to,
                               const struct rg_history *from) {
    const struct detailed *d = first_detailed(v, from);
    struct brief *b = (struct brief *)records_of(v, to);
    for (size_t i = 0; i < from->count; i++) {
        uint32_t freed = atomic_load(&d[i].bits) & FREED_BIT;
        if (freed & ~atomic_load_explicit(&b[i].bits, memory_order_relaxed)) {
            atomic_fetch_or(&b[i].bits, freed);
        }
    }
}

// The view whose details have been kept longest loses them. False: no memory.
static bool drop_oldest(void) {
    struct rg_view *v = oldest;
    struct rg_history *old = atomic_load(&v->history);
    struct rg_history *h = create(v, old->count, old->freed_count, true);
    if (!h) {
        return false;
    }
    shorten(v, h, old);
    atomic_store(&v->history, h);
    shorten_late_fates(v, h, old);
    oldest = v->next_packed;
    newest = oldest ? newest : NULL;
    detailed_count -= h->count;
    brief_count += h->count;
    rg_record_memory_give(old, history_bytes(v, h->count, h->freed_count, false));
    return true;
}

static void enqueue(struct rg_view *v, size_t count) {
    *(newest ? &newest->next_packed : &oldest) = v;
    newest = v;
    detailed_count += count;
    while (oldest && detailed_count - rg_history_count(oldest) >= detailed_max && drop_oldest()) {
    }
}

void rg_history_pack(struct rg_view *v) {
    rg_lock(RG_LOCK_RECORDS);
    struct rg_history *h = atomic_load(&v->history) ? NULL : pack(v);
    if (h) {
        atomic_store(&v->history, h);
        copy_late_fates(v, h);
        rg_view_give_records(v);
        enqueue(v, h->count);
    }
    rg_unlock(RG_LOCK_RECORDS);
}

// --- Without a lock ---

static struct rg_history *load(const struct rg_view *v) {
    return atomic_load_explicit(&v->history, memory_order_acquire);
}

static uintptr_t block_at(uint32_t low, uint32_t high) {
    return rg_view_block_at(((uintptr_t)high << 32 | low) * RG_PAGE_SIZE);
}

static void decode_bits(uint32_t bits, uint32_t next, struct rg_block_facts *f) {
    f->size = bits & SIZE_MASK;
    f->state = !(bits & RELEASED_BIT) ? RG_BLOCK_MOVED
               : bits & FREED_BIT     ? RG_BLOCK_ENDED
                                      : RG_BLOCK_RELEASED;
    f->moved_to = bits & RELEASED_BIT ? 0 : block_at(next, bits >> NEXT_SHIFT & 7);
    f->fate = (bits & (RELEASED_BIT | FREED_BIT)) == FREED_BIT ? RG_FATE_FREED : RG_FATE_LIVE;
}

static void decode(const struct rg_history *h, void *record, struct rg_block_facts *f) {
    f->is_brief = h->is_brief;
    if (h->is_brief) {
        const struct brief *b = record;
        f->end_stack = b->end_stack;
        decode_bits(atomic_load_explicit(&b->bits, memory_order_acquire), b->next, f);
        return;
    }
    const struct detailed *d = record;
    uint32_t bits = atomic_load_explicit(&d->bits, memory_order_acquire);
    decode_bits(bits, d->next, f);
    f->family = (enum rg_family)(bits >> FAMILY_SHIFT & 3);
    f->end_stack = d->end_stack;
    f->end_thread = d->end_thread;
    f->alloc_thread = d->alloc_thread;
    f->fate_stack = atomic_load_explicit(&d->fate_stack, memory_order_relaxed);
    f->fate_thread = atomic_load_explicit(&d->fate_thread, memory_order_relaxed);
    if (bits & WAS_MOVED_BIT) {
        f->moved_from = block_at(d->birth, bits >> PREV_SHIFT & 7);
    } else {
        f->alloc_stack = d->birth;
    }
}

static void decode_freed(uint64_t word, struct rg_block_facts *f) {
    f->state = RG_BLOCK_FREE;
    f->is_brief = true;
    f->size = word & SIZE_MASK;
    f->end_stack = (uint32_t)(word >> FREED_STACK_SHIFT) & ((1U << RG_BLOCK_STACK_BITS) - 1);
    f->end_thread = (uint16_t)(word >> FREED_THREAD_SHIFT);
}

bool rg_history_read(const struct rg_view *v, size_t unit, struct rg_block_facts *ret_facts) {
    for (;;) {
        const struct rg_history *h = load(v);
        void *record = record_of(v, h, unit);
        const uint64_t *freed = freed_word_of(v, h, unit);
        struct rg_block_facts f = {.address = rg_view_block(v, unit),
                                   .unit = v->base + unit * v->unit_bytes,
                                   .unit_bytes = v->unit_bytes};
        if (record) {
            decode(h, record, &f);
        } else if (freed) {
            decode_freed(*freed, &f);
        }
        atomic_signal_fence(memory_order_seq_cst);
        if (load(v) == h) {
            *ret_facts = f;
            return record || freed;
        }
    }
}

_Static_assert(offsetof(struct detailed, end_stack) == 0 && offsetof(struct brief, end_stack) == 0,
               "both forms start with who ended the block");

uint32_t rg_history_end_stack(const struct rg_view *v, size_t unit) {
    for (;;) {
        const struct rg_history *h = load(v);
        const uint32_t *record = record_of(v, h, unit);
        uint32_t stack = record ? *record : 0;
        atomic_signal_fence(memory_order_seq_cst);
        if (load(v) == h) {
            return stack;
        }
    }
}

void rg_history_note_fate(struct rg_view *v, size_t unit, uint32_t stack, uint16_t thread) {
    for (;;) {
        const struct rg_history *h = atomic_load(&v->history);
        void *record = record_of(v, h, unit);
        if (record && !h->is_brief) {
            struct detailed *d = record;
            atomic_store_explicit(&d->fate_stack, stack, memory_order_relaxed);
            atomic_store_explicit(&d->fate_thread, thread, memory_order_relaxed);
        }
        if (record) {
            atomic_fetch_or(bits_of(h, record), FREED_BIT);
        }
        if (atomic_load(&v->history) == h) {
            return;
        }
    }
}

size_t rg_history_count(const struct rg_view *v) {
    return load(v)->count;
}

struct rg_history_stats rg_history_stats(void) {
    rg_lock(RG_LOCK_RECORDS);
    struct rg_history_stats stats = {detailed_count + brief_count, brief_count};
    rg_unlock(RG_LOCK_RECORDS);
    return stats;
}
