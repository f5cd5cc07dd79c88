// SPDX-License-Identifier: MIT
// See view.h. The map is a two-level table: 32,768 entries of 4 GiB, each a leaf with one entry for
// each granule; untouched parts cost no memory. Leaves are inserted with a compare-and-exchange, so
// this file needs no lock of its own. Inherited by fork as it is.
#include "heap/view.h"

#include "base/arena.h"
#include "base/die.h"
#include "base/lock.h"
#include "base/own_memory.h"
#include "heap/record_memory.h"
#include "heap/size_class.h"

#include <stdatomic.h>

_Atomic(struct rg_view_leaf *) rg_view_leaves[1 << (47 - 32)];

struct rg_block *rg_view_record_at(uintptr_t address) {
    struct rg_view *v = rg_view_find(address);
    struct rg_block *b = v ? rg_view_record(v, address) : NULL;
    if (!b) {
        rg_die("an address in a record is no block");
    }
    return b;
}

uintptr_t rg_view_block_at(uintptr_t page) {
    const struct rg_view *v = page ? rg_view_find(page) : NULL;
    return v ? rg_view_block(v, rg_view_unit(v, page)) : 0;
}

static struct rg_block *take_records(size_t count) {
    rg_lock(RG_LOCK_RECORDS);
    struct rg_block *records = rg_record_memory_take_cyclic(count * sizeof *records);
    rg_unlock(RG_LOCK_RECORDS);
    return records;
}

static struct rg_block_fate *make_fates(struct rg_view *v) {
    rg_lock(RG_LOCK_RECORDS);
    struct rg_block_fate *fates = atomic_load(&v->fates);
    if (!fates && !atomic_load(&v->history)) {
        fates = rg_record_memory_take_cyclic(v->unit_count * sizeof *fates);
        atomic_store(&v->fates, fates);
    }
    rg_unlock(RG_LOCK_RECORDS);
    return fates;
}

struct rg_block_fate *rg_view_enter_fates(struct rg_view *v) {
    // Who packs publishes the history first and looks at the count then, in the other order: one of the two sees the
    // other.
    atomic_fetch_add(&v->fate_writers, 1);
    struct rg_block_fate *fates = NULL;
    if (!atomic_load(&v->history)) {
        fates = atomic_load(&v->fates);
        fates = fates ? fates : make_fates(v);
    }
    if (!fates) {
        rg_view_leave_fates(v);
    }
    return fates;
}

void rg_view_leave_fates(struct rg_view *v) {
    atomic_fetch_sub(&v->fate_writers, 1);
}

// What the records of a packed view are from then on. Never written to: no block there is live.
static struct rg_block no_records[RG_UNITS_MAX];

void rg_view_give_records(struct rg_view *v) {
    if (v->unit_count > RG_UNITS_MAX) {
        rg_die("a view of too many units");
    }
    atomic_store(&v->usual_slot, 0);
    struct rg_block *records = atomic_exchange(&v->records, no_records);
    struct rg_block_fate *fates = atomic_load(&v->fates);
    rg_record_memory_give_cyclic(records, v->unit_count * sizeof *records, true);
    // A thread that was stopped in the middle may still write there, so that memory is not used again.
    if (fates) {
        rg_record_memory_give_cyclic(fates, v->unit_count * sizeof *fates,
                                     atomic_load(&v->fate_writers) == 0);
    }
}

struct rg_view *rg_view_create(enum rg_view_kind kind, unsigned size_class, size_t unit_bytes,
                               size_t unit_count, size_t align) {
    // A view that starts a page table ends one, so that it goes with the view.
    size_t bytes =
        rg_align_up(unit_bytes * unit_count, align < RG_HUGE_SIZE ? RG_GRANULE_SIZE : RG_HUGE_SIZE);
    uintptr_t base = rg_vmem_reserve(kind == RG_VIEW_SMALL   ? RG_VMEM_SMALL
                                     : kind == RG_VIEW_PAGES ? RG_VMEM_PAGES
                                                             : RG_VMEM_OTHER,
                                     bytes, align);
    struct rg_view *v = base ? rg_arena_alloc(sizeof *v) : NULL;
    struct rg_block *records = v ? take_records(unit_count) : NULL;
    if (!records) {
        return NULL;
    }
    bool exact = (unit_bytes & (unit_bytes - 1)) == 0;
    v->base = base;
    v->reserved = bytes;
    v->unit_bytes = unit_bytes;
    v->unit_count = (uint32_t)unit_count;
    v->unit_shift = exact ? (uint32_t)__builtin_ctzl(unit_bytes) : 0;
    v->size_class = (uint16_t)size_class;
    v->kind = kind;
    v->usual_slot = kind == RG_VIEW_SMALL ? rg_size_classes[size_class].slot_size : 0;
    v->records = records;
    return v;
}

static struct rg_view_leaf *get_leaf(uintptr_t address) {
    _Atomic(struct rg_view_leaf *) *entry = &rg_view_leaves[address >> 32];
    struct rg_view_leaf *leaf = atomic_load_explicit(entry, memory_order_acquire);
    if (leaf) {
        return leaf;
    }
    struct rg_view_leaf *fresh = rg_vmem_map_metadata(sizeof *fresh);
    if (!fresh) {
        return NULL;
    }
    if (atomic_compare_exchange_strong_explicit(entry, &leaf, fresh, memory_order_acq_rel,
                                                memory_order_acquire)) {
        rg_own_memory_note(fresh, sizeof *fresh);
        return fresh;
    }
    rg_vmem_unmap(fresh, sizeof *fresh);
    return leaf;
}

void rg_view_each(void (*fn)(struct rg_view *v, void *arg), void *arg) {
    struct rg_view *last = NULL;
    for (size_t i = 0; i < RG_ARRAY_LEN(rg_view_leaves); i++) {
        struct rg_view_leaf *leaf = atomic_load_explicit(&rg_view_leaves[i], memory_order_acquire);
        for (size_t j = 0; leaf && j < RG_ARRAY_LEN(leaf->view); j++) {
            struct rg_view *v = atomic_load_explicit(&leaf->view[j], memory_order_acquire);
            if (v && v != last) {
                fn(v, arg);
                last = v;
            }
        }
    }
}

bool rg_view_publish(struct rg_view *v) {
    uintptr_t end = v->base + v->unit_bytes * v->unit_count;
    for (uintptr_t a = v->base; a < end; a += RG_GRANULE_SIZE) {
        struct rg_view_leaf *leaf = get_leaf(a);
        if (!leaf) {
            return false;
        }
        atomic_store_explicit(&leaf->view[(uint32_t)a >> RG_GRANULE_SHIFT], v,
                              memory_order_release);
    }
    return true;
}

bool rg_view_retire(struct rg_view *v) {
    // A fault may be putting a scratch page into the view at this moment. It counts itself in first
    // and waits while the count says RETIRING, so a scratch page is never overwritten.
    int none = 0;
    if (!atomic_compare_exchange_strong(&v->scratch, &none, RG_VIEW_RETIRING)) {
        return false;
    }
    bool done = rg_vmem_retire(v->base, v->reserved);
    atomic_store(&v->scratch, done ? RG_VIEW_RETIRED : 0);
    return done;
}

void rg_view_note_retired(struct rg_view *v) {
    int none = 0;
    if (atomic_compare_exchange_strong(&v->scratch, &none, RG_VIEW_RETIRED)) {
        rg_view_drop_tables(v);
    }
}

enum { GRANULES = RG_HUGE_SIZE / RG_GRANULE_SIZE };

static void release(struct rg_view *const *views, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        atomic_store(&views[i]->scratch, RG_VIEW_RETIRED);
    }
}

static uintptr_t end_of(const struct rg_view *v) {
    return v->base + v->reserved;
}

// The views in the 2 MiB from `at` on, each once, kept from being given scratch pages. False, and nothing is
// kept: some of it is in use, or not handed out yet.
static bool hold_retired(uintptr_t at, struct rg_view *ret_views[GRANULES], unsigned *ret_count) {
    unsigned n = 0;
    for (uintptr_t end = at + RG_HUGE_SIZE; at < end; at = end_of(ret_views[n - 1])) {
        struct rg_view *v = rg_view_find(at);
        int idle = RG_VIEW_RETIRED;
        if (!v || !atomic_compare_exchange_strong(&v->scratch, &idle, RG_VIEW_RETIRING)) {
            release(ret_views, n);
            return false;
        }
        ret_views[n++] = v;
    }
    *ret_count = n;
    return true;
}

// Whether it is worth taking the lock. Of those who retire the last two views at the same time one sees both.
static bool may_be_retired(uintptr_t at) {
    const struct rg_view *v;
    for (uintptr_t end = at + RG_HUGE_SIZE; at < end; at = end_of(v)) {
        v = rg_view_find(at);
        int scratch = v ? atomic_load(&v->scratch) : 0;
        if (scratch != RG_VIEW_RETIRED && scratch != RG_VIEW_RETIRING) {
            return false;
        }
    }
    return true;
}

static void drop_tables_at(uintptr_t at) {
    struct rg_view *views[GRANULES];
    unsigned n;
    rg_lock(RG_LOCK_RECORDS);
    if (hold_retired(at, views, &n)) {
        rg_vmem_retire(at, RG_HUGE_SIZE);
        release(views, n);
    }
    rg_unlock(RG_LOCK_RECORDS);
}

void rg_view_drop_tables(const struct rg_view *v) {
    // A page table serves 2 MiB, and the kernel frees it when one call unmaps all of them: views that are
    // retired one by one leave theirs behind, eight bytes for each page.
    uintptr_t end = end_of(v);
    for (uintptr_t at = v->base & -(uintptr_t)RG_HUGE_SIZE; at < end; at += RG_HUGE_SIZE) {
        bool went = v->base <= at && at + RG_HUGE_SIZE <= end;
        if (!went && may_be_retired(at)) {
            drop_tables_at(at);
        }
    }
}
