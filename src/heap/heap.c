// SPDX-License-Identifier: MIT
// See heap.h. Allocation, free and realloc over bins and large blocks. State: two counters. The rules
// of concurrency are those of block.h: a compare-and-exchange on the record's head decides who ends a
// block. No lock is held while the program's memory is read or written.
#include "heap/heap.h"

#include "base/die.h"
#include "heap/history.h"
#include "heap/large.h"
#include "heap/place.h"
#include "heap/reuse.h"
#include "heap/seal.h"
#include "heap/usual.h"

#include <string.h>

static _Atomic size_t move_count, forced_count, in_place_count;

_Thread_local struct rg_damage rg_damage RG_TLS_INITIAL_EXEC;

// One instruction, as in rg_block_exchange_head.
static void count(_Atomic size_t *counter) {
    if (rg_likely(__libc_single_threaded)) {
        __asm__ volatile("incq %0" : "+m"(*counter) : : "cc");
    } else {
        atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
    }
}

static void put_redzone(const struct rg_view *v, void *p, size_t size) {
    if (rg_unlikely(v->kind != RG_VIEW_SMALL)) {
        if (rg_heap_has_redzone(v, size)) {
            rg_redzone_write(p, size, rg_heap_slot_bytes(v));
        }
        return;
    }
    size_t slot_size = rg_size_classes[v->size_class].slot_size;
    if (rg_likely(rg_redzone_wanted == 0)) {
        rg_redzone_renew(p, size, slot_size);
    } else {
        rg_redzone_write(p, size, slot_size);
    }
}

void *rg_heap_alloc(struct rg_tcache *t, size_t size, size_t align, enum rg_family family,
                    bool zero, struct rg_origin origin) {
    struct rg_slot slot;
    struct rg_want want = {size, align, size, zero, origin.site, origin.may_be_roomy};
    if (rg_unlikely(!rg_place_take(t, &want, &slot))) {
        return NULL;
    }
    put_redzone(rg_view_find((uintptr_t)slot.address), slot.address, size);
    rg_block_record_alloc(slot.record, 0, size, family, origin);
    return slot.address;
}

static enum rg_status status_of(enum rg_block_state s) {
    static const enum rg_status status[] = {
        [RG_BLOCK_UNUSED] = RG_INTERIOR,    [RG_BLOCK_LIVE] = RG_OK,
        [RG_BLOCK_MOVING] = RG_IN_PROGRESS, [RG_BLOCK_FREE] = RG_ALREADY_FREE,
        [RG_BLOCK_MOVED] = RG_STALE,        [RG_BLOCK_RELEASED] = RG_STALE,
        [RG_BLOCK_ENDED] = RG_ALREADY_FREE,
    };
    return status[s];
}

// What it means that no record of a block is there: perhaps it has been packed.
static RG_COLD enum rg_status recheck(const struct rg_view *v, const void *p,
                                      enum rg_status status) {
    struct rg_block_facts facts;
    if (!atomic_load(&v->history)) {
        return status;
    }
    return rg_history_read(v, rg_view_unit(v, (uintptr_t)p), &facts) ? status_of(facts.state)
                                                                     : RG_INTERIOR;
}

// Takes the block out of the LIVE state. Of two threads, one gets RG_OK.
RG_INLINE enum rg_status claim(struct rg_block *b, enum rg_block_state to, uint64_t *ret_head) {
    uint64_t head = atomic_load_explicit(&b->head, memory_order_acquire);
    do {
        enum rg_block_state s = rg_head_state(head);
        if (rg_unlikely(s != RG_BLOCK_LIVE)) {
            return status_of(s);
        }
    } while (!rg_block_exchange_head(b, &head, rg_head_with(head, to)));
    *ret_head = head;
    return RG_OK;
}

// The record turned out to be another block's: its memory was used again while this thread had stopped between finding
// it and claiming it. So that thread's pointer was stale, and whoever owns the other block saw it claimed for a moment.
static RG_COLD enum rg_status give_up_claim(const struct rg_view *v, struct rg_block *b,
                                            const void *p, uint64_t claimed, uint64_t head) {
    atomic_compare_exchange_strong(&b->head, &claimed, head);
    return recheck(v, p, RG_INTERIOR);
}

// The same of the block that was found to start at p.
RG_INLINE enum rg_status claim_at(const struct rg_view *v, struct rg_block *b, const void *p,
                                  enum rg_block_state to, uint64_t *ret_head) {
    enum rg_status status = claim(b, to, ret_head);
    if (rg_unlikely(status != RG_OK)) {
        return recheck(v, p, status);
    }
    if (rg_unlikely(atomic_load_explicit(&v->history, memory_order_acquire) != NULL)) {
        return give_up_claim(v, b, p, rg_head_with(*ret_head, to), *ret_head);
    }
    return RG_OK;
}

static RG_COLD void record_fate_at(uintptr_t page, struct rg_origin origin) {
    struct rg_view *v = rg_view_find(page);
    size_t unit = v ? rg_view_unit(v, page) : 0;
    if (!v || unit >= v->unit_count) {
        rg_die("a page in a record is no block's");
    }
    struct rg_block_fate *fates = rg_view_enter_fates(v);
    if (fates) {
        struct rg_block_fate *fate = &fates[unit];
        atomic_store_explicit(&fate->stack, origin.stack, memory_order_relaxed);
        atomic_store_explicit(&fate->thread, origin.thread, memory_order_relaxed);
        // Before the history is looked at again: who packs the record looks at both in the other order.
        atomic_exchange(&fate->what, RG_FATE_FREED);
        rg_view_leave_fates(v);
    }
    if (atomic_load(&v->history)) {
        rg_history_note_fate(v, unit, origin.stack, origin.thread);
    }
}

// The block that was moved here has ended: its former address learns that.
RG_INLINE void record_fate(const struct rg_block *b, struct rg_origin origin) {
    uint64_t birth = atomic_load_explicit(&b->birth, memory_order_relaxed);
    if (rg_unlikely((birth & RG_BIRTH_MOVED) != 0)) {
        record_fate_at(rg_birth_page(birth), origin);
    }
}

static void record_end(struct rg_block *b, uintptr_t next, struct rg_origin origin) {
    uint64_t birth = atomic_load_explicit(&b->birth, memory_order_relaxed);
    rg_block_record_end(b, birth, next, origin);
}

// For whoever comes to the block meanwhile: it is this one that the thread is in realloc with.
static void record_claim(struct rg_block *b, struct rg_origin origin) {
    record_end(b, RG_LINK_CLAIMED, origin);
}

static void give_slot(struct rg_tcache *t, struct rg_found f, void *p) {
    if (rg_unlikely(f.view->kind == RG_VIEW_LARGE)) {
        rg_large_give(f.view);
        if (rg_reuse_is_too_much()) {
            rg_reuse_trim();
        }
        return;
    }
    rg_tcache_give(t, f.view->size_class, (struct rg_slot){p, f.block});
    if (rg_unlikely(f.view->kind == RG_VIEW_PAGES && rg_reuse_is_too_much())) {
        rg_reuse_trim();
    }
}

static RG_NOINLINE bool find_damage(const struct rg_view *v, const void *p, size_t size) {
    return rg_heap_has_redzone(v, size) &&
           rg_redzone_find_damage(p, size, rg_heap_slot_bytes(v), NULL, &rg_damage) &&
           rg_heap_describe_live(p, &rg_damage.block);
}

// Whether something was written past the end of the block, which this thread has claimed.
RG_INLINE bool is_damaged(struct rg_found f, const void *p, uint64_t head) {
    const size_t size = rg_head_size(head);
    if (rg_likely(f.view->kind == RG_VIEW_PAGES ||
                  (f.view->kind == RG_VIEW_SMALL && rg_redzone_wanted == 0 &&
                   rg_redzone_is_intact(p, size, rg_size_classes[f.view->size_class].slot_size)))) {
        return false;
    }
    return find_damage(f.view, p, size);
}

enum rg_status rg_heap_end_free(struct rg_tcache *t, struct rg_found f, void *p,
                                struct rg_origin origin, uint64_t head) {
    if (rg_unlikely(atomic_load_explicit(&f.view->history, memory_order_acquire) != NULL)) {
        return give_up_claim(f.view, f.block, p, rg_head_with(head, RG_BLOCK_FREE), head);
    }
    bool was_damaged = is_damaged(f, p, head);
    record_fate(f.block, origin);
    record_end(f.block, 0, origin);
    give_slot(t, f, p);
    return rg_unlikely(was_damaged) ? RG_DAMAGED : RG_OK;
}

enum rg_status rg_heap_free_found(struct rg_tcache *t, struct rg_found f, void *p,
                                  struct rg_origin origin) {
    uint64_t head = 0;
    enum rg_status status = claim(f.block, RG_BLOCK_FREE, &head);
    return status == RG_OK ? rg_heap_end_free(t, f, p, origin, head) : recheck(f.view, p, status);
}

size_t rg_heap_slot_bytes(const struct rg_view *v) {
    switch (v->kind) {
    case RG_VIEW_SMALL:
        return rg_size_classes[v->size_class].slot_size;
    case RG_VIEW_PAGES:
        return v->unit_bytes;
    case RG_VIEW_LARGE:
        return rg_large_capacity(v);
    }
    return 0;
}

bool rg_heap_has_redzone(const struct rg_view *v, size_t size) {
    return v->kind == RG_VIEW_SMALL ||
           (v->kind == RG_VIEW_LARGE && size <= RG_SMALL_MAX && rg_large_is_edge(v));
}

// What a block can grow to where it is, without a change of its memory.
RG_INLINE size_t capacity(const struct rg_view *v) {
    if (rg_likely(v->kind == RG_VIEW_SMALL)) {
        return rg_size_classes[v->size_class].slot_size - rg_redzone_wanted;
    }
    bool ends_at_edge = v->kind == RG_VIEW_LARGE && rg_large_is_edge(v);
    return rg_heap_slot_bytes(v) - (ends_at_edge ? 0 : rg_redzone_wanted);
}

// What a shrink may leave unused in any case: a move would leave the record of the old block behind, and cost
// more than it gains.
enum { SMALL_LOSS = 256 };

// Whether a block may change to that size in the room that it has: it fits, and a shrink leaves no more than half
// unused. What a growing block has to spare may be more than that: it is the room that it was given.
RG_INLINE bool may_stay(size_t size, size_t old_size, size_t has) {
    return size <= has && (size >= old_size || size >= has / 2 || has - size <= SMALL_LOSS);
}

// The same, or it can be given that room where it is.
static bool fits(struct rg_view *v, size_t old_size, size_t size) {
    size_t has = capacity(v);
    if (size > has && v->kind == RG_VIEW_LARGE) {
        return rg_large_extend(v, size + rg_redzone_wanted);
    }
    return may_stay(size, old_size, has);
}

// Where address space is limited large blocks move only if they must, since what they vacate is gone for ever.
static bool can_spare(size_t size) {
    return rg_vmem_ahead(size) == size;
}

// The unit's addresses are vacated: seal them and let the physical slot be used again. Where no seal can
// be had the block ends like a freed one, and its address may come back: the promise has lapsed, which
// the seal counts.
static bool vacate(struct rg_tcache *t, struct rg_found f, void *p, struct rg_origin origin) {
    size_t unit = rg_view_unit(f.view, (uintptr_t)p);
    if (rg_likely(rg_seal_unit(f.view, unit))) {
        if (f.view->kind != RG_VIEW_LARGE) {
            rg_tcache_vacate(t, f.view->size_class, (struct rg_slot){p, f.block});
        } else {
            rg_large_vacated(f.view);
        }
        return true;
    }
    uint64_t head = atomic_load_explicit(&f.block->head, memory_order_relaxed);
    atomic_store_explicit(&f.block->head, rg_head_with(head, RG_BLOCK_FREE), memory_order_release);
    record_fate(f.block, origin);
    give_slot(t, f, p);
    return false;
}

static void publish_head(struct rg_block *b, uint64_t head, enum rg_block_state state) {
    atomic_store_explicit(&b->head, rg_head_with(head, state), memory_order_release);
}

// The block stays where it is, with this head: nobody is in realloc with it any more, and its last one did not fail.
RG_INLINE void stay(struct rg_block *b, uint64_t head) {
    uint64_t birth = atomic_load_explicit(&b->birth, memory_order_relaxed);
    atomic_store_explicit(&b->birth, rg_birth_ended(birth, 0), memory_order_relaxed);
    atomic_store_explicit(&b->next, 0, memory_order_relaxed);
    publish_head(b, head, RG_BLOCK_LIVE);
}

// The same of a block whose realloc failed. Its record keeps the stack of that.
static enum rg_status stay_for_want_of_memory(struct rg_block *b, uint64_t head) {
    atomic_store_explicit(&b->next, 0, memory_order_relaxed);
    publish_head(b, head, RG_BLOCK_LIVE);
    return RG_NO_MEMORY;
}

// What to give a block that moves: one that would have fitted keeps the room that it had, or it would have to move again
// soon.
static size_t place_for(const struct rg_view *v, size_t old_size, size_t size) {
    size_t has = capacity(v);
    if (size > has) {
        return rg_place_roomy(size);
    }
    return size >= old_size && v->kind != RG_VIEW_LARGE ? has : size;
}

// Address space behind a large block: to grow on, or where what is cut off of it was.
static size_t room_behind(size_t size, size_t has, bool may_be_roomy) {
    return size < has ? has - size : may_be_roomy && size > has ? size / 2 : 0;
}

// Gets memory of the new size with the old contents in it.
static bool move_contents(struct rg_tcache *t, const struct rg_found *f, void *p, size_t old_size,
                          const struct rg_resize *how, struct rg_slot *ret_slot) {
    size_t size = how->size;
    // Where every call moves the block no room is needed.
    bool may_be_roomy = !how->move || how->origin.may_be_roomy;
    size_t has = capacity(f->view);
    if (f->view->kind == RG_VIEW_LARGE && rg_size_class_for(size, 1) == RG_NO_CLASS &&
        rg_large_take_over(f->view, size + rg_redzone_wanted, room_behind(size, has, may_be_roomy),
                           ret_slot)) {
        return true;
    }
    // What is cut off is inaccessible then.
    if (size < old_size && rg_large_take_edge(size, old_size - size, ret_slot)) {
        memcpy(ret_slot->address, p, size);
        return true;
    }
    struct rg_want want = {.size = may_be_roomy ? place_for(f->view, old_size, size) : size,
                           .align = 1,
                           .own_size = size,
                           .site = how->origin.site,
                           .may_be_roomy = may_be_roomy};
    if (!rg_place_take(t, &want, ret_slot)) {
        return false;
    }
    memcpy(ret_slot->address, p, old_size < size ? old_size : size);
    return true;
}

static enum rg_status move_block(struct rg_tcache *t, struct rg_found f, void *p, uint64_t head,
                                 const struct rg_resize *how, void **ret_new) {
    struct rg_slot slot;
    if (!move_contents(t, &f, p, rg_head_size(head), how, &slot)) {
        return stay_for_want_of_memory(f.block, head);
    }
    put_redzone(rg_view_find((uintptr_t)slot.address), slot.address, how->size);
    rg_block_record_alloc(slot.record, (uintptr_t)p, how->size, rg_head_family(head), how->origin);
    record_end(f.block, (uintptr_t)slot.address, how->origin);
    // The state goes first: a fault on the sealed unit must find it vacated.
    publish_head(f.block, head, RG_BLOCK_MOVED);
    if (rg_unlikely(!vacate(t, f, p, how->origin))) {
        // The former address starts a life of its own; nothing leads there any more.
        atomic_store_explicit(&slot.record->birth, rg_birth_make(0, how->origin.stack),
                              memory_order_relaxed);
    }
    count(&move_count);
    *ret_new = slot.address;
    return RG_OK;
}

static void note_growth(size_t old_size, uint64_t birth, struct rg_resize *how) {
    how->ret_moved_class = rg_size_class_for(old_size, 1);
    how->ret_alloc_stack = rg_heap_birth_stack(birth);
}

// A stack overflow that the program's handler jumps out of must come before anything has changed, or the block
// would stay in the MOVING state for ever: so what a move needs at most is touched first, down to where
// base/lock.c touches it again.
static RG_NOINLINE void touch_stack(void) {
    enum { MOVE_NEEDS = 1920 };
    const volatile char *below = (const volatile char *)__builtin_frame_address(0);
    (void)below[-MOVE_NEEDS];
}

// The usual realloc that moves nothing: a small block that may stay, and need not be given room. False: it is not usual,
// and nothing has been done. While there is one thread it takes one step. Otherwise the block is MOVING first: should the
// record turn out to be another block's by now, the owner of that waits until it is as it was.
RG_INLINE bool stays_usually(struct rg_found f, char *p, struct rg_resize *how) {
    const bool is_alone = __libc_single_threaded;
    uint64_t head = atomic_load_explicit(&f.block->head, memory_order_acquire);
    const size_t size = how->size, old_size = rg_head_size(head);
    const size_t slot_size = rg_heap_slot_bytes(f.view), has = capacity(f.view);
    if (rg_unlikely(how->move || how->release || f.view->kind != RG_VIEW_SMALL ||
                    rg_head_state(head) != RG_BLOCK_LIVE || old_size > has ||
                    rg_redzone_wanted > 0 || !may_stay(size, old_size, has) ||
                    (is_alone && !rg_redzone_is_intact(p, old_size, slot_size)) ||
                    rg_size_class_for_small(size) > rg_size_class_for_small(old_size))) {
        return false;
    }
    if (rg_likely(is_alone)) {
        // Before the size is another one: a signal handler may come in between, fork, and look there.
        rg_redzone_renew(p, size, slot_size);
    }
    const uint64_t to = (head ^ rg_head_encode_size(old_size)) | rg_head_encode_size(size);
    uint64_t claimed = rg_likely(is_alone) ? to : rg_head_with(head, RG_BLOCK_MOVING);
    if (rg_unlikely(!rg_block_exchange_head(f.block, &head, claimed))) {
        return false;
    }
    if (rg_unlikely(atomic_load_explicit(&f.view->history, memory_order_acquire) != NULL)) {
        atomic_compare_exchange_strong(&f.block->head, &claimed, head);
        return false;
    }
    if (rg_unlikely(!is_alone && !rg_redzone_is_intact(p, old_size, slot_size))) {
        publish_head(f.block, head, RG_BLOCK_LIVE);
        return false;
    }
    if (rg_unlikely(!is_alone)) {
        rg_redzone_renew(p, size, slot_size);
        record_claim(f.block, how->origin);
        stay(f.block, to);
    } else if (rg_unlikely(rg_birth_end_stack(atomic_load(&f.block->birth)) != 0)) {
        stay(f.block, to);
    }
    how->ret_old_size = old_size;
    count(&in_place_count);
    return true;
}

enum rg_status rg_heap_resize(struct rg_tcache *t, void *p, struct rg_resize *how, void **ret_new) {
    struct rg_found f;
    enum rg_status status = rg_heap_find(p, &f);
    uint64_t head = 0;
    how->ret_moved_class = RG_NO_CLASS;
    if (rg_unlikely(status != RG_OK)) {
        return status;
    }
    touch_stack();
    how->ret_was_damaged = false;
    if (rg_likely(stays_usually(f, p, how))) {
        *ret_new = p;
        return RG_OK;
    }
    status = claim_at(f.view, f.block, p, RG_BLOCK_MOVING, &head);
    if (rg_unlikely(status != RG_OK)) {
        return status;
    }
    how->ret_was_damaged = is_damaged(f, p, head);
    record_claim(f.block, how->origin);
    if (how->release) {
        record_end(f.block, 0, how->origin);
        record_fate(f.block, how->origin);
        publish_head(f.block, head, how->by_free ? RG_BLOCK_ENDED : RG_BLOCK_RELEASED);
        vacate(t, f, p, how->origin);
        *ret_new = NULL;
        return RG_OK;
    }
    how->ret_old_size = rg_head_size(head);
    if (rg_unlikely(how->fail)) {
        return stay_for_want_of_memory(f.block, head);
    }
    // Read before the move, after which the record may be packed.
    uint64_t birth = atomic_load_explicit(&f.block->birth, memory_order_relaxed);
    bool stays = fits(f.view, rg_head_size(head), how->size);
    if (stays && f.view->kind == RG_VIEW_LARGE && how->move && !can_spare(how->size)) {
        how->move = false;
    }
    if (!stays || how->move) {
        how->ret_fitted = stays;
        status = move_block(t, f, p, head, how, ret_new);
        if (status == RG_OK) {
            atomic_fetch_add_explicit(&forced_count, stays, memory_order_relaxed);
            note_growth(rg_head_size(head), birth, how);
        }
        // Where there is no memory for a move that need not be, the C library would not have failed either.
        if (status != RG_NO_MEMORY || how->size > capacity(f.view) ||
            claim(f.block, RG_BLOCK_MOVING, &head) != RG_OK) {
            return status;
        }
    }
    count(&in_place_count);
    if (rg_size_class_for(how->size, 1) > rg_size_class_for(rg_head_size(head), 1)) {
        // Only the room that it was given spared it a move.
        note_growth(rg_head_size(head), birth, how);
    }
    put_redzone(f.view, p, how->size);
    stay(f.block, rg_head_by(rg_head_make(how->size, RG_BLOCK_LIVE, rg_head_family(head)),
                             rg_head_thread(head)));
    *ret_new = p;
    return RG_OK;
}

enum rg_status rg_heap_free_sealed(struct rg_tcache *t, void *p, struct rg_origin origin) {
    struct rg_resize how = {.release = true, .by_free = true, .origin = origin};
    void *none;
    enum rg_status status = rg_heap_resize(t, p, &how, &none);
    return status == RG_OK && how.ret_was_damaged ? RG_DAMAGED : status;
}

void rg_heap_end_move(void *p) {
    struct rg_found f;
    if (rg_heap_find(p, &f) == RG_OK) {
        uint64_t head = atomic_load_explicit(&f.block->head, memory_order_acquire);
        if (rg_head_state(head) == RG_BLOCK_MOVING) {
            atomic_compare_exchange_strong(&f.block->head, &head,
                                           rg_head_with(head, RG_BLOCK_LIVE));
        }
    }
}

enum rg_status rg_heap_size(const void *p, size_t *ret_size) {
    struct rg_found f;
    enum rg_status status = rg_heap_find(p, &f);
    if (status != RG_OK) {
        return status;
    }
    uint64_t head = atomic_load_explicit(&f.block->head, memory_order_acquire);
    *ret_size = rg_head_size(head);
    status = status_of(rg_head_state(head));
    bool is_packed = atomic_load_explicit(&f.view->history, memory_order_acquire) != NULL;
    return rg_likely(status == RG_OK && !is_packed) ? status : recheck(f.view, p, status);
}

void rg_heap_set_family(void *p, enum rg_family family) {
    struct rg_found f;
    uint64_t head = 0;
    if (rg_heap_find(p, &f) == RG_OK && claim(f.block, RG_BLOCK_MOVING, &head) == RG_OK) {
        head = rg_head_by(rg_head_make(rg_head_size(head), RG_BLOCK_LIVE, family),
                          rg_head_thread(head));
        atomic_store_explicit(&f.block->head, head, memory_order_release);
    }
}

struct rg_heap_stats rg_heap_stats(void) {
    return (struct rg_heap_stats){
        .moves = atomic_load(&move_count),
        .forced = atomic_load(&forced_count),
        .in_place = atomic_load(&in_place_count),
    };
}

bool rg_heap_is_valid(void) {
    for (unsigned c = 0; c < RG_BINS; c++) {
        if (!rg_bin_is_valid(c)) {
            return false;
        }
    }
    return true;
}
