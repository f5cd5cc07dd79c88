// SPDX-License-Identifier: MIT
// See bin.h. Where slots come from, in this order: the free lists; where moves are rare, a new generation of a view of
// which a quarter is vacated; the unused part of the newest span; a new generation elsewhere; a new span, larger than
// the last.
#include "heap/bin.h"

#include "base/arena.h"
#include "base/die.h"
#include "base/lock.h"
#include "heap/history.h"
#include "heap/reuse.h"
#include "heap/seal.h"
#include "heap/span.h"

// The cost of a view is little for each of its moves from SOME_UNITS on; a bin that moves all the time gets
// MANY_UNITS, which take more memory.
enum { SOME_UNITS = 32, MANY_UNITS = 128, MANY_ROUNDS = 16 };

// A new generation of a view that is used in part gives at least so many slots, or it is not worth its mapping.
enum { RIPE_UNITS = 8, UNIT_COST = 128 };

static struct rg_bin bins[RG_BINS];

static enum rg_lock_id lock_of(unsigned c) {
    _Static_assert(RG_LOCK_CLASS_LAST - RG_LOCK_CLASS + 1 >= RG_BINS, "one lock a bin");
    return (enum rg_lock_id)(RG_LOCK_CLASS + c);
}

// Free lists run through the `next` fields of the records, never through the program's memory.
static void push(struct rg_free_list *list, uintptr_t address, struct rg_block *record) {
    uint64_t old = atomic_load_explicit(&record->next, memory_order_relaxed);
    atomic_store_explicit(&record->next, rg_link_make(list->head, rg_link_thread(old)),
                          memory_order_relaxed);
    list->head = address;
    atomic_fetch_add_explicit(&list->count, 1, memory_order_relaxed);
}

static uintptr_t next_in_list(const struct rg_block *record) {
    return rg_link_address(atomic_load_explicit(&record->next, memory_order_relaxed));
}

static bool may_have_memory(const struct rg_block *record) {
    return rg_head_was_used(atomic_load_explicit(&record->head, memory_order_relaxed));
}

static void note_in_use(unsigned c, ptrdiff_t slots) {
    if (!rg_size_class_is_small(c)) {
        atomic_fetch_add_explicit(&rg_reuse.in_use, (size_t)slots * rg_size_classes[c].slot_size,
                                  memory_order_relaxed);
    }
}

static void note_kept(unsigned c, ptrdiff_t slots) {
    if (!rg_size_class_is_small(c)) {
        atomic_fetch_add_explicit(&rg_reuse.kept, (size_t)slots * rg_size_classes[c].slot_size,
                                  memory_order_relaxed);
    }
}

// Views that are small beside the newest span's are not worth it: each generation of them costs two mappings
// for a handful of moves. What little memory they have stays unused.
static struct rg_view *first_ripe(struct rg_bin *bin) {
    while (bin->ripe && bin->ripe->unit_count * 4 < bin->span->units) {
        bin->ripe->ripe = false;
        bin->ripe = bin->ripe->next_ripe;
    }
    return bin->ripe;
}

// Whether moves have used up so many views of the newest span that a larger one is better than further
// generations of it.
static bool is_outgrown(const struct rg_bin *bin, unsigned c) {
    const struct rg_span *s = bin->span;
    if (!rg_size_class_is_mobile(c) || !s || s->units >= MANY_UNITS) {
        return false;
    }
    size_t rounds = s->units < SOME_UNITS ? 1 : MANY_ROUNDS;
    return bin->generations > rounds * rg_size_classes[c].slots;
}

// Puts a physical slot into circulation at its address in a view.
static void give_through(struct rg_bin *bin, struct rg_view *v, size_t unit) {
    v->given++;
    push(&bin->used, rg_view_block(v, unit), rg_view_record_of(v, unit));
}

// Nothing lives in the view, and nothing ever will: each slot that came through it has been vacated, and
// what is vacated or fresh from now on goes to a later generation. Units that no slot ever came through
// must not keep a mapping: one block that outlives the others would cost one for each generation.
static void retire_if_done(struct rg_view *v) {
    bool superseded = v->kind == RG_VIEW_SMALL && *v->newest != v && v->sealed == v->given;
    if ((superseded || v->sealed == v->unit_count) && rg_view_retire(v)) {
        v->retired = true;
        rg_seal_forget(v);
        rg_view_drop_tables(v);
        rg_history_pack(v);
    }
}

// A slot that is handed out again leaves its older view for the latest one: what realloc vacated there is one day all
// that is left, and the view is done for. Its block was freed, or there was none, so nobody may use the former address.
static struct rg_slot move_on(struct rg_view *v, size_t unit) {
    struct rg_block *record = rg_view_record_of(v, unit);
    struct rg_view *to = *v->newest;
    atomic_fetch_or_explicit(&record->head, RG_HEAD_VACATED, memory_order_relaxed);
    v->sealed++;
    to->given++;
    retire_if_done(v);
    return (struct rg_slot){(void *)rg_view_block(to, unit), rg_view_record_of(to, unit)};
}

static struct rg_slot pop(struct rg_free_list *list) {
    uintptr_t address = list->head;
    struct rg_view *v = rg_view_find(address);
    struct rg_block *record = v ? rg_view_record(v, address) : NULL;
    if (!record) {
        rg_die("an address in a free list is no block");
    }
    list->head = next_in_list(record);
    atomic_fetch_sub_explicit(&list->count, 1, memory_order_relaxed);
    bool is_older = v->kind == RG_VIEW_SMALL && *v->newest != v;
    return is_older ? move_on(v, rg_view_unit(v, address))
                    : (struct rg_slot){(void *)address, record};
}

static bool is_vacated(const struct rg_block *b) {
    return atomic_load_explicit(&b->head, memory_order_relaxed) & RG_HEAD_VACATED;
}

// How many units of the view's span may hold blocks.
static size_t touched_units(const struct rg_bin *bin, const struct rg_view *v) {
    return bin->span->root == v->root ? rg_span_touched(bin->span) : v->unit_count;
}

// Opens the next generation of the first ripe view and puts the slots it frees on the free list.
static bool open_newer(struct rg_bin *bin, unsigned c) {
    struct rg_view *old = first_ripe(bin);
    if (!old) {
        return false;
    }
    bin->generations++;
    if (!rg_span_open_view(bin, c, old->root, old->unit_count, old->index, old->newest)) {
        return false;
    }
    struct rg_view *v = *old->newest;
    // Most of it will be used, and the first touch of each page would be a fault.
    rg_vmem_map_ahead(v->base, touched_units(bin, v) * v->unit_bytes);
    bin->ripe = old->next_ripe;
    old->ripe = false;
    atomic_store_explicit(&old->newer, v, memory_order_release);
    // The latest generation is retired when all of its units are vacated.
    bool is_retired = old->retired;
    for (size_t unit = 0; unit < old->unit_count && old->vacated > 0; unit++) {
        // Not just stale: the thread that moves the block may not have vacated it yet.
        if (is_retired || is_vacated(rg_view_record_of(old, unit))) {
            give_through(bin, v, unit);
            old->vacated--;
        }
    }
    retire_if_done(old);
    return true;
}

// Blocks that stay fill their spans slowly, and those few that move meanwhile would add up to half of the memory.
static void reopen_early(struct rg_bin *bin, unsigned c) {
    const struct rg_view *v = rg_size_class_is_mobile(c) ? NULL : first_ripe(bin);
    if (v && v->vacated >= RIPE_UNITS) {
        open_newer(bin, c);
    }
}

// New generations before new memory, unless larger views are due.
static bool find_more(struct rg_bin *bin, unsigned c) {
    if (is_outgrown(bin, c)) {
        return rg_span_grow(bin, c) || open_newer(bin, c);
    }
    return open_newer(bin, c) || rg_span_grow(bin, c);
}

static size_t take_fresh(struct rg_bin *bin, unsigned c, struct rg_slot *ret_slots, size_t want) {
    size_t n = 0;
    while (n < want && rg_span_take(bin, c, &ret_slots[n])) {
        n++;
    }
    return n;
}

static size_t take_free(struct rg_free_list *list, struct rg_slot *ret_slots, size_t want) {
    size_t n = 0;
    while (n < want && list->head) {
        ret_slots[n++] = pop(list);
    }
    return n;
}

size_t rg_bin_take(unsigned c, struct rg_slot *ret_slots, size_t want) {
    struct rg_bin *bin = &bins[c];
    rg_lock(lock_of(c));
    size_t n = take_free(&bin->used, ret_slots, want);
    note_kept(c, -(ptrdiff_t)n);
    n += take_free(&bin->clean, ret_slots + n, want - n);
    if (n < want) {
        reopen_early(bin, c);
    }
    while (n < want) {
        n += take_free(&bin->used, ret_slots + n, want - n);
        if (n < want) {
            n += take_fresh(bin, c, ret_slots + n, want - n);
        }
        // A caller that has something is not made to wait for new mappings.
        if (n > 0 || !find_more(bin, c)) {
            break;
        }
    }
    note_in_use(c, (ptrdiff_t)n);
    rg_unlock(lock_of(c));
    return n;
}

void rg_bin_give(unsigned c, const struct rg_slot *slots, size_t count) {
    struct rg_bin *bin = &bins[c];
    bool small = rg_size_class_is_small(c);
    ptrdiff_t kept = 0;
    rg_lock(lock_of(c));
    for (size_t i = 0; i < count; i++) {
        bool used = small || may_have_memory(slots[i].record);
        push(used ? &bin->used : &bin->clean, (uintptr_t)slots[i].address, slots[i].record);
        kept += used;
    }
    note_in_use(c, -(ptrdiff_t)count);
    note_kept(c, kept);
    rg_unlock(lock_of(c));
}

size_t rg_bin_kept_bytes(unsigned c) {
    size_t count = atomic_load_explicit(&bins[c].used.count, memory_order_relaxed);
    return count * rg_size_classes[c].slot_size;
}

size_t rg_bin_free_bytes(unsigned c) {
    size_t count = atomic_load_explicit(&bins[c].clean.count, memory_order_relaxed);
    return rg_bin_kept_bytes(c) + count * rg_size_classes[c].slot_size;
}

// Takes the older half off a list; returns its first block.
static uintptr_t cut_older_half(struct rg_free_list *list, size_t *ret_count) {
    size_t stay = atomic_load_explicit(&list->count, memory_order_relaxed) / 2;
    *ret_count = atomic_load_explicit(&list->count, memory_order_relaxed) - stay;
    atomic_store_explicit(&list->count, stay, memory_order_relaxed);
    uintptr_t first = list->head;
    struct rg_block *last = NULL;
    for (; stay > 0; stay--) {
        last = rg_view_record_at(first);
        first = next_in_list(last);
    }
    if (last) {
        uint64_t link = atomic_load_explicit(&last->next, memory_order_relaxed);
        atomic_store_explicit(&last->next, rg_link_make(0, rg_link_thread(link)),
                              memory_order_relaxed);
    } else {
        list->head = 0;
    }
    return first;
}

static void sort_by_address(struct rg_slot *slots, size_t n) {
    for (size_t i = 1; i < n; i++) {
        struct rg_slot slot = slots[i];
        size_t j = i;
        for (; j > 0 && slots[j - 1].address > slot.address; j--) {
            slots[j] = slots[j - 1];
        }
        slots[j] = slot;
    }
}

// By one call for all neighbours: blocks that were freed together mostly are.
static void drop_memory(unsigned c, struct rg_slot *slots, size_t n) {
    size_t unit = rg_size_classes[c].unit_bytes;
    sort_by_address(slots, n);
    for (size_t i = 0, first = 0; i < n; i++) {
        uintptr_t at = (uintptr_t)slots[i].address;
        if (i + 1 == n || (uintptr_t)slots[i + 1].address != at + unit) {
            rg_vmem_purge((uintptr_t)slots[first].address, (i + 1 - first) * unit);
            first = i + 1;
        }
        atomic_fetch_and_explicit(&slots[i].record->head, ~RG_HEAD_WAS_USED, memory_order_relaxed);
    }
}

void rg_bin_drop_half(unsigned c) {
    enum { BATCH = 32 };
    struct rg_bin *bin = &bins[c];
    size_t count;
    rg_lock(lock_of(c));
    uintptr_t address = cut_older_half(&bin->used, &count);
    note_kept(c, -(ptrdiff_t)count);
    rg_unlock(lock_of(c));
    while (address) {
        struct rg_slot slots[BATCH];
        size_t n = 0;
        for (; n < BATCH && address; n++) {
            slots[n] = (struct rg_slot){(void *)address, rg_view_record_at(address)};
            address = next_in_list(slots[n].record);
        }
        drop_memory(c, slots, n);
        rg_lock(lock_of(c));
        // The first of them is handed out first.
        for (size_t i = n; i-- > 0;) {
            push(&bin->clean, (uintptr_t)slots[i].address, slots[i].record);
        }
        rg_unlock(lock_of(c));
    }
}

// Whether a quarter of the view is vacated. Where moves are rare it is a quarter of what has been used of its span, and up
// to half of it if slots are small: what waits must be worth more than the page tables of a new generation.
static bool is_ripe(const struct rg_bin *bin, const struct rg_view *v) {
    size_t vacated = v->vacated, units = v->unit_count;
    if (rg_size_class_is_mobile(v->size_class)) {
        return vacated * 4 >= units;
    }
    size_t used = touched_units(bin, v);
    bool is_worth_it = vacated * rg_size_classes[v->size_class].slot_size >= used * UNIT_COST;
    return vacated * 4 >= used && (vacated * 2 >= used || is_worth_it) &&
           (vacated >= RIPE_UNITS || vacated * 4 >= units);
}

static void vacate_small(struct rg_bin *bin, struct rg_view *v, size_t unit) {
    if (*v->newest != v) {
        give_through(bin, *v->newest, unit);
        return;
    }
    v->vacated++;
    if (!v->ripe && is_ripe(bin, v)) {
        v->ripe = true;
        v->next_ripe = bin->ripe;
        bin->ripe = v;
    }
}

static void vacate(struct rg_bin *bin, const struct rg_slot *slot) {
    struct rg_view *v = rg_view_find((uintptr_t)slot->address);
    atomic_fetch_or_explicit(&slot->record->head, RG_HEAD_VACATED, memory_order_relaxed);
    v->sealed++;
    if (v->kind == RG_VIEW_SMALL) {
        vacate_small(bin, v, rg_view_unit(v, (uintptr_t)slot->address));
    }
    retire_if_done(v);
}

void rg_bin_vacate(unsigned c, const struct rg_slot *slots, size_t count) {
    rg_lock(lock_of(c));
    for (size_t i = 0; i < count; i++) {
        vacate(&bins[c], &slots[i]);
    }
    note_in_use(c, -(ptrdiff_t)count);
    rg_unlock(lock_of(c));
}

void rg_bin_unpin(struct rg_view *v) {
    rg_lock(lock_of(v->size_class));
    retire_if_done(v);
    rg_unlock(lock_of(v->size_class));
}

void rg_bin_each_view(void (*fn)(struct rg_view *v, void *arg), void *arg) {
    for (unsigned c = 0; c < RG_BINS; c++) {
        for (struct rg_view *v = bins[c].views; v; v = v->next_all) {
            fn(v, arg);
        }
    }
}

void rg_bin_each_view_of(unsigned c, void (*fn)(struct rg_view *v, void *arg), void *arg) {
    if (!bins[c].views) {
        return; // the first view makes no difference to whoever comes that early
    }
    rg_lock(lock_of(c));
    for (struct rg_view *v = bins[c].views; v; v = v->next_all) {
        fn(v, arg);
    }
    rg_unlock(lock_of(c));
}

void rg_bin_each_root(void (*fn)(uintptr_t root, size_t bytes)) {
    for (unsigned c = 0; c < RG_BINS; c++) {
        for (struct rg_span *s = bins[c].span; s && s->root; s = s->older) {
            fn(s->root, rg_span_touched(s) * rg_size_classes[c].unit_bytes);
        }
    }
}

void rg_bin_drop_retired(void) {
    for (unsigned c = 0; c < RG_BINS; c++) {
        struct rg_view **link = &bins[c].views;
        while (*link) {
            if ((*link)->retired) {
                *link = (*link)->next_all;
                bins[c].dropped++;
            } else {
                link = &(*link)->next_all;
            }
        }
    }
}

static void count_view(struct rg_view *v, void *arg) {
    struct rg_bin_stats *stats = arg;
    stats->views++;
    stats->retired += v->retired;
}

struct rg_bin_stats rg_bin_stats(void) {
    struct rg_bin_stats stats = {0};
    rg_bin_each_view(count_view, &stats);
    for (unsigned c = 0; c < RG_BINS; c++) {
        stats.views += bins[c].dropped;
        stats.retired += bins[c].dropped;
        for (struct rg_span *s = bins[c].span; s; s = s->older) {
            stats.spans++;
        }
    }
    return stats;
}

static bool view_is_valid(const struct rg_view *v) {
    if (atomic_load(&v->history)) {
        return v->retired && rg_history_count(v) <= v->sealed && v->vacated <= v->sealed &&
               rg_view_find(v->base) == v;
    }
    size_t used = 0, vacated = 0;
    for (size_t unit = 0; unit < v->unit_count; unit++) {
        uint64_t head =
            atomic_load_explicit(&rg_view_record_of(v, unit)->head, memory_order_relaxed);
        used += rg_head_was_used(head);
        vacated += (head & RG_HEAD_VACATED) != 0;
    }
    bool given = v->kind != RG_VIEW_SMALL || (used <= v->given && v->given <= v->unit_count);
    return given && v->sealed == vacated && v->vacated <= v->sealed && rg_view_find(v->base) == v;
}

static bool list_is_valid(const struct rg_free_list *list, bool is_clean) {
    bool valid = true;
    size_t count = 0;
    size_t expected = atomic_load(&list->count);
    for (uintptr_t a = list->head; a && count <= expected; count++) {
        const struct rg_block *b = rg_view_record_at(a);
        enum rg_block_state s = rg_head_state(atomic_load_explicit(&b->head, memory_order_relaxed));
        valid = valid && (s == RG_BLOCK_FREE || s == RG_BLOCK_UNUSED);
        valid = valid && !(is_clean && may_have_memory(b));
        a = next_in_list(b);
    }
    return valid && count == expected;
}

bool rg_bin_is_valid(unsigned c) {
    struct rg_bin *bin = &bins[c];
    rg_lock(lock_of(c));
    bool valid = list_is_valid(&bin->used, false) && list_is_valid(&bin->clean, true);
    for (const struct rg_view *v = bin->views; v; v = v->next_all) {
        valid = valid && view_is_valid(v);
    }
    rg_unlock(lock_of(c));
    return valid;
}
