// SPDX-License-Identifier: MIT
// A look behind all live blocks that have the pattern, for what was written past their ends. A block is claimed for that
// moment as realloc does it, so that its owner waits who would end it meanwhile, and nothing is read that is being sealed.
// Under the CLASS lock of its bin, or the LARGE lock, which keep signal handlers out too; they are not needed for anything
// else but the lists of views. State under the same lock: what was found.
#include "heap/heap.h"
#include "heap/large.h"
#include "heap/usual.h"

enum { FOUND_MAX = 64 };

struct found {
    size_t count;
    struct rg_damage damage[FOUND_MAX];
};

static void look_behind(const struct rg_view *v, size_t unit, uint64_t head, struct found *found) {
    struct rg_damage *damage = &found->damage[found->count];
    uintptr_t p = rg_view_block(v, unit);
    if (rg_redzone_find_damage((const char *)p, rg_head_size(head), rg_heap_slot_bytes(v),
                               rg_redzone_peek, damage) &&
        rg_heap_describe_live((const void *)p, &damage->block)) {
        found->count++;
    }
}

static void check_unit(struct rg_view *v, size_t unit, struct found *found) {
    struct rg_block *b = rg_view_record_of(v, unit);
    uint64_t head = atomic_load_explicit(&b->head, memory_order_acquire);
    if (rg_head_state(head) != RG_BLOCK_LIVE || found->count == FOUND_MAX ||
        !rg_heap_has_redzone(v, rg_head_size(head))) {
        return;
    }
    if (__libc_single_threaded) {
        // Signal handlers are kept out. Records are not written to, which would cost a forked child a copy of them.
        look_behind(v, unit, head, found);
        return;
    }
    uint64_t claimed = rg_head_with(head, RG_BLOCK_MOVING);
    if (!rg_block_exchange_head(b, &head, claimed)) {
        return; // somebody ends it, and looks there too
    }
    if (!atomic_load(&v->history)) {
        look_behind(v, unit, head, found);
    }
    rg_block_exchange_head(b, &claimed, head);
}

static void check_view(struct rg_view *v, void *arg) {
    for (size_t unit = 0; unit < v->unit_count && !atomic_load(&v->history); unit++) {
        check_unit(v, unit, arg);
    }
}

void rg_heap_check_all(void (*fn)(const struct rg_damage *damage)) {
    struct found *found = rg_vmem_map_metadata(rg_align_up(sizeof *found, RG_PAGE_SIZE));
    if (!found) {
        return;
    }
    for (unsigned c = 0; c < RG_BINS; c++) {
        if (!rg_size_class_is_small(c)) {
            continue;
        }
        rg_bin_each_view_of(c, check_view, found);
    }
    rg_large_each_edge(check_view, found);
    for (size_t i = 0; i < found->count; i++) {
        fn(&found->damage[i]);
    }
    rg_vmem_unmap(found, rg_align_up(sizeof *found, RG_PAGE_SIZE));
}
