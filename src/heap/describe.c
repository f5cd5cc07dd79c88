// SPDX-License-Identifier: MIT
// The heap seen from a fault, and from fork: what is known of an address, what a vacated page held, and
// all views mapped anew in a child. The first two take no lock and are async-signal-safe; the last runs
// where every lock is held or free, with one thread.
#include "heap/heap.h"

#include "base/die.h"
#include "base/sys.h"
#include "heap/history.h"
#include "heap/large.h"
#include "heap/seal.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

// The view and the unit that hold an address. False: it was never ours.
RG_INLINE bool find_unit(uintptr_t address, struct rg_view **ret_view, size_t *ret_unit) {
    *ret_view = rg_view_find(address);
    if (!*ret_view) {
        return false;
    }
    *ret_unit = rg_view_unit(*ret_view, address);
    return *ret_unit < (*ret_view)->unit_count;
}

RG_INLINE bool is_packed(const struct rg_view *v) {
    return atomic_load_explicit(&v->history, memory_order_acquire) != NULL;
}

static void read_fate(const struct rg_view *v, size_t unit, struct rg_block_facts *facts) {
    const struct rg_block_fate *fates = atomic_load_explicit(&v->fates, memory_order_acquire);
    if (fates) {
        // First: it is written last.
        facts->fate = (enum rg_fate)atomic_load_explicit(&fates[unit].what, memory_order_acquire);
        facts->fate_stack = atomic_load_explicit(&fates[unit].stack, memory_order_relaxed);
        facts->fate_thread = atomic_load_explicit(&fates[unit].thread, memory_order_relaxed);
    }
}

static bool read_full(const struct rg_view *v, size_t unit, struct rg_block_facts *ret_facts) {
    const struct rg_block *b = rg_view_record_of(v, unit);
    uint64_t head = atomic_load_explicit(&b->head, memory_order_acquire);
    uint64_t birth = atomic_load_explicit(&b->birth, memory_order_relaxed);
    uint64_t next = atomic_load_explicit(&b->next, memory_order_relaxed);
    enum rg_block_state state = rg_head_state(head);
    *ret_facts = (struct rg_block_facts){
        .address = rg_view_block(v, unit),
        .size = rg_head_size(head),
        .state = state,
        .family = rg_head_family(head),
        .moved_from = rg_view_block_at(rg_birth_page(birth)),
        .moved_to = state == RG_BLOCK_MOVED ? rg_link_address(next) : 0,
        .is_claimed = state == RG_BLOCK_MOVING && rg_link_address(next) == RG_LINK_CLAIMED,
        .alloc_stack = rg_birth_stack(birth),
        .end_stack = rg_birth_end_stack(birth),
        .alloc_thread = rg_head_thread(head),
        .end_thread = rg_link_thread(next),
        .unit = v->base + unit * v->unit_bytes,
        .unit_bytes = v->unit_bytes,
    };
    read_fate(v, unit, ret_facts);
    return rg_head_was_used(head);
}

static bool read_unit(const struct rg_view *v, size_t unit, struct rg_block_facts *ret_facts) {
    bool was_used = !is_packed(v) && read_full(v, unit, ret_facts);
    // What was read holds if the records were not being given back meanwhile (history.c).
    atomic_signal_fence(memory_order_seq_cst);
    return is_packed(v) ? rg_history_read(v, unit, ret_facts) : was_used;
}

// Who moved the block away that was in this page. Each realloc of a block that was moved before asks.
static uint32_t mover_of(uintptr_t page) {
    struct rg_view *v;
    size_t unit;
    if (!find_unit(page, &v, &unit)) {
        return 0;
    }
    uint64_t birth = atomic_load_explicit(&rg_view_record_of(v, unit)->birth, memory_order_acquire);
    atomic_signal_fence(memory_order_seq_cst);
    return is_packed(v) ? rg_history_end_stack(v, unit) : rg_birth_end_stack(birth);
}

uint32_t rg_heap_birth_stack(uint64_t birth) {
    uintptr_t page = rg_birth_page(birth);
    return page ? mover_of(page) : rg_birth_stack(birth);
}

bool rg_heap_describe(uintptr_t address, struct rg_block_facts *ret_facts) {
    struct rg_view *v;
    size_t unit;
    if (!find_unit(address, &v, &unit) || !read_unit(v, unit, ret_facts)) {
        return false;
    }
    // A record does not repeat the stack of the realloc that moved the block here.
    if (ret_facts->moved_from && !ret_facts->alloc_stack) {
        ret_facts->alloc_stack = mover_of(ret_facts->moved_from);
    }
    return true;
}

bool rg_heap_describe_live(const void *p, struct rg_block_facts *ret_facts) {
    bool found = rg_heap_describe((uintptr_t)p, ret_facts);
    ret_facts->state = RG_BLOCK_LIVE;
    ret_facts->end_stack = 0;
    ret_facts->is_claimed = false;
    return found;
}

struct visit {
    void (*fn)(uintptr_t block, uintptr_t memory, size_t size, void *arg);
    void *arg;
};

static void visit_view(struct rg_view *v, void *arg) {
    const struct visit *visit = arg;
    for (size_t unit = 0; unit < v->unit_count && !is_packed(v); unit++) {
        uint64_t head =
            atomic_load_explicit(&rg_view_record_of(v, unit)->head, memory_order_acquire);
        if (rg_head_state(head) == RG_BLOCK_LIVE || rg_head_state(head) == RG_BLOCK_MOVING) {
            uintptr_t block = rg_view_block(v, unit);
            bool has_root = v->kind == RG_VIEW_SMALL;
            visit->fn(block, has_root ? v->root + (block - v->base) : block, rg_head_size(head),
                      visit->arg);
        }
    }
}

void rg_heap_each_live(void (*fn)(uintptr_t block, uintptr_t memory, size_t size, void *arg),
                       void *arg) {
    struct visit visit = {fn, arg};
    rg_view_each(visit_view, &visit);
}

bool rg_heap_describe_next(const struct rg_block_facts *moved, struct rg_block_facts *ret_facts) {
    uintptr_t former = moved->address; // both may be one
    return moved->fate == RG_FATE_LIVE && rg_heap_describe(moved->moved_to, ret_facts) &&
           ((ret_facts->is_brief && ret_facts->state != RG_BLOCK_FREE) ||
            ret_facts->moved_from == former);
}

// Whether the view became a reservation, when nothing lived in it but blocks that had been freed: their slots have
// later addresses.
static bool is_freed_for_ever(const struct rg_view *v, uint64_t head) {
    return rg_head_state(head) == RG_BLOCK_FREE && (head & RG_HEAD_VACATED) &&
           atomic_load(&v->scratch) < 0;
}

static bool is_behind_block(const struct rg_view *v, uint64_t head, uintptr_t address) {
    enum rg_block_state state = rg_head_state(head);
    return v->kind == RG_VIEW_LARGE &&
           (state == RG_BLOCK_LIVE || (state == RG_BLOCK_FREE && rg_large_is_edge(v))) &&
           rg_large_is_behind(v, address);
}

bool rg_heap_is_stale(uintptr_t address) {
    struct rg_view *v;
    size_t unit;
    if (!find_unit(address, &v, &unit)) {
        return false;
    }
    uint64_t head = atomic_load_explicit(&rg_view_record_of(v, unit)->head, memory_order_acquire);
    bool is_stale = rg_state_is_stale(rg_head_state(head)) || is_freed_for_ever(v, head) ||
                    is_behind_block(v, head, address);
    atomic_signal_fence(memory_order_seq_cst);
    struct rg_block_facts facts;
    return is_packed(v) ? rg_history_read(v, unit, &facts) : is_stale;
}

size_t rg_heap_bytes_to_edge(uintptr_t address) {
    struct rg_view *v;
    size_t unit;
    if (!find_unit(address, &v, &unit) || v->kind != RG_VIEW_LARGE || is_packed(v) ||
        !rg_large_is_edge(v)) {
        return 0;
    }
    uint64_t head = atomic_load_explicit(&rg_view_record_of(v, 0)->head, memory_order_acquire);
    uintptr_t end = rg_view_block(v, 0) + rg_large_capacity(v);
    return rg_head_state(head) == RG_BLOCK_LIVE && address < end ? end - address : 0;
}

// Copies n bytes that may vanish while being read. What cannot be read stays zero.
static void read_carefully(void *dst, uintptr_t src, size_t n) {
    struct iovec to = {dst, n};
    struct iovec from = {(void *)src, n};
    long ret = rg_sys6(SYS_process_vm_readv, rg_getpid(), (long)&to, 1, (long)&from, 1, 0);
    // Where a seccomp filter refuses that, they are most likely still there after having been asked for.
    if (ret < 0 && ret != -EFAULT && rg_is_readable((const void *)src, n)) {
        memcpy(dst, (const void *)src, n);
    }
}

// Whether nothing has been stored in the physical slot since this unit was vacated.
static bool slot_is_untouched(const struct rg_view *v, size_t unit) {
    // It went to the generation that was the latest at that time, so any may have had it.
    while ((v = atomic_load_explicit(&v->newer, memory_order_acquire)) != NULL) {
        struct rg_block_facts facts;
        if (read_unit(v, unit, &facts)) {
            return false;
        }
    }
    return true;
}

bool rg_heap_word_at_end(uintptr_t address, uintptr_t *ret_word) {
    struct rg_view *v;
    size_t unit;
    struct rg_block_facts facts;
    if (!find_unit(address, &v, &unit) || v->kind != RG_VIEW_SMALL || !read_unit(v, unit, &facts) ||
        facts.state == RG_BLOCK_LIVE || facts.state == RG_BLOCK_MOVING ||
        address - facts.address + sizeof *ret_word > facts.size || !slot_is_untouched(v, unit)) {
        return false;
    }
    memcpy(ret_word, (const void *)(v->root + (address - v->base)), sizeof *ret_word);
    return true;
}

// Where the block is today, after all its moves; 0 when it has ended.
static uintptr_t live_address(struct rg_block_facts at, size_t *ret_size) {
    while (at.state == RG_BLOCK_MOVED && rg_heap_describe_next(&at, &at)) {
        if (at.state == RG_BLOCK_LIVE) {
            *ret_size = at.size;
            return at.address;
        }
    }
    return 0;
}

void rg_heap_old_contents(uintptr_t page_address, void *dst) {
    struct rg_view *v;
    size_t unit;
    struct rg_block_facts facts;
    if (!find_unit(page_address, &v, &unit) || !read_unit(v, unit, &facts)) {
        return;
    }
    uintptr_t block = facts.address;
    uintptr_t end = block + facts.size;
    uintptr_t first = block > page_address ? block : page_address;
    uintptr_t last = end < page_address + RG_PAGE_SIZE ? end : page_address + RG_PAGE_SIZE;
    if (first >= last) {
        return;
    }
    char *to = (char *)dst + (first - page_address);
    if (v->kind == RG_VIEW_SMALL && slot_is_untouched(v, unit)) {
        memcpy(to, (const void *)(v->root + (first - v->base)), last - first);
        return;
    }
    // The old bytes are gone; the block they were copied to has what a correct program would see.
    size_t live_size = 0;
    uintptr_t live = live_address(facts, &live_size);
    size_t offset = first - block;
    if (live && offset < live_size) {
        size_t n = last - first < live_size - offset ? last - first : live_size - offset;
        read_carefully(to, live + offset, n);
    }
}

static struct rg_view *get_view(uintptr_t page_address) {
    struct rg_view *v = rg_view_find(page_address);
    if (!v) {
        rg_die("a scratch page lies in no view");
    }
    return v;
}

void rg_heap_pin_view(uintptr_t address) {
    struct rg_view *v = get_view(address);
    for (;;) {
        int n = atomic_load(&v->scratch);
        if (n != RG_VIEW_RETIRING && atomic_compare_exchange_weak(&v->scratch, &n, n + 1)) {
            return;
        }
        rg_sys0(SYS_sched_yield);
    }
}

void rg_heap_reseal_page(uintptr_t page_address) {
    struct rg_view *v = get_view(page_address);
    // Where the view still has its mapping, a piece of that joins it again; elsewhere the page becomes
    // part of the reservation around it. Either way no mapping is left over.
    bool retired = rg_view_is_retired(v);
    if (v->kind != RG_VIEW_SMALL || retired ||
        !rg_vmem_alias(v->root + (page_address - v->base), RG_PAGE_SIZE, page_address)) {
        rg_vmem_retire(page_address, RG_PAGE_SIZE);
    } else {
        rg_seal_page(page_address);
    }
    // While the page lay there, the view could not be retired.
    if (atomic_fetch_sub(&v->scratch, 1) == 1 && v->kind != RG_VIEW_LARGE) {
        rg_bin_unpin(v);
    }
}

void rg_heap_fork_copy(void) {
    rg_bin_drop_retired();
    rg_bin_each_root(rg_vmem_snapshot_copy);
}

static void alias(const struct rg_view *v, size_t offset, size_t bytes) {
    if (bytes > 0 && !rg_vmem_alias(v->root + offset, bytes, v->base + offset)) {
        rg_die("no mapping for a view after fork");
    }
}

// Maps the pages of a view between its scratch pages, which are private and were inherited.
static void alias_around_scratch(const struct rg_view *v, bool (*skip)(uintptr_t page_address)) {
    size_t bytes = v->unit_count * v->unit_bytes;
    size_t run = 0;
    for (size_t at = 0; at < bytes; at += RG_PAGE_SIZE) {
        if (skip(v->base + at)) {
            alias(v, at - run, run);
            run = 0;
        } else {
            run += RG_PAGE_SIZE;
        }
    }
    alias(v, bytes - run, run);
}

static void restore_view(struct rg_view *v, void *arg) {
    bool (*skip)(uintptr_t) = *(bool (**)(uintptr_t))arg;
    if (v->kind == RG_VIEW_SMALL && !rg_view_is_retired(v)) {
        if (atomic_load(&v->scratch) > 0) {
            alias_around_scratch(v, skip);
        } else {
            alias(v, 0, v->unit_count * v->unit_bytes);
        }
        if (atomic_load_explicit(&v->has_stale, memory_order_relaxed)) {
            rg_seal_again(v, skip);
        }
    }
}

void rg_heap_fork_restore(bool (*skip)(uintptr_t page_address)) {
    rg_bin_each_view(restore_view, &skip);
}
