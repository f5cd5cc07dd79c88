// SPDX-License-Identifier: MIT
// See capture.h. No state of its own.
#include "stack/capture.h"

#include "stack/modules.h"

#include <string.h>

// Whether the trace is of this caller and its words are unchanged. They are read only where the walker
// knows the stack to be readable: another, smaller stack may be at the same place by now.
RG_INLINE bool holds(const struct rg_trace *t, const struct rg_caller *caller,
                     const struct rg_walker *w) {
    if (t->pc != caller->pc || t->sp != caller->sp || caller->sp < w->readable_from ||
        caller->sp + t->extent > w->readable_to || (t->uses_bp && t->bp != caller->bp)) {
        return false;
    }
    const uintptr_t *stack = (const uintptr_t *)caller->sp;
    unsigned n = t->word_count;
    const uint16_t *at = (const uint16_t *)&t->value[n];
    for (unsigned i = 0; i < n; i++) {
        if (stack[at[i]] != t->value[i]) {
            return false;
        }
    }
    return true;
}

// The trace at a position, or NULL where it has been overwritten.
RG_INLINE const struct rg_trace *get_trace(const struct rg_capture *c, struct rg_trace_ref ref) {
    bool is_there = ref.position != 0 && c->written - ref.position <= RG_TRACE_RING;
    return is_there ? (const struct rg_trace *)&c->ring[ref.position % RG_TRACE_RING] : NULL;
}

// Room for a trace of `bytes`, in one piece: what would not fit before the ring's end starts at its
// beginning.
static struct rg_trace *make_room(struct rg_capture *c, size_t bytes, uint64_t *ret_position) {
    bytes = (bytes + 15) & ~(size_t)15;
    uint64_t position = c->written ? c->written : 16;
    if (position % RG_TRACE_RING + bytes > RG_TRACE_RING) {
        position += RG_TRACE_RING - position % RG_TRACE_RING;
    }
    if (rg_unlikely(position + bytes >= RG_TRACE_POSITIONS)) {
        memset(c->ref, 0, sizeof c->ref);
        position = 16;
    }
    c->written = position + bytes;
    *ret_position = position;
    return (struct rg_trace *)&c->ring[position % RG_TRACE_RING];
}

// The reference to be replaced: one that leads nowhere, or the oldest.
static struct rg_trace_ref *oldest(struct rg_capture *c, struct rg_trace_ref *set) {
    struct rg_trace_ref *found = &set[0];
    for (unsigned i = 1; i < RG_TRACE_WAYS && get_trace(c, *found); i++) {
        if (set[i].position < found->position) {
            found = &set[i];
        }
    }
    return found;
}

static void remember(struct rg_capture *c, struct rg_trace_ref *set, uint16_t tag,
                     const struct rg_caller *caller, struct rg_captured captured) {
    const struct rg_walk_trail *trail = &c->trail;
    size_t n = trail->word_count;
    uintptr_t extent = 0;
    if (!trail->is_exact || caller->sp % sizeof(uintptr_t) != 0 || captured.id.v == 0) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uintptr_t offset = trail->word[i].at - caller->sp;
        // Too far, or below sp: unusual unwind tables may lead there.
        if (offset > UINT16_MAX * sizeof(uintptr_t)) {
            return;
        }
        extent = offset >= extent ? offset + sizeof(uintptr_t) : extent;
    }
    uint64_t position;
    struct rg_trace *t =
        make_room(c, sizeof *t + n * (sizeof(uintptr_t) + sizeof(uint16_t)), &position);
    *t = (struct rg_trace){.pc = caller->pc,
                           .sp = caller->sp,
                           .bp = caller->bp,
                           .extent = (uint32_t)extent,
                           .id = captured.id.v,
                           .site = captured.site,
                           .word_count = (uint16_t)n,
                           .uses_bp = trail->uses_bp};
    uint16_t *at = (uint16_t *)&t->value[n];
    for (size_t i = 0; i < n; i++) {
        t->value[i] = trail->word[i].value;
        at[i] = (uint16_t)((trail->word[i].at - caller->sp) / sizeof(uintptr_t));
    }
    *oldest(c, set) = (struct rg_trace_ref){.position = position, .tag = tag};
}

uint16_t rg_capture_site(const uintptr_t *pcs, size_t count) {
    uint64_t h = 0;
    for (size_t i = 0; i < count && i < RG_SITE_FRAMES; i++) {
        h = (h ^ pcs[i]) * 0x9e3779b97f4a7c15UL;
        h ^= h >> 32;
    }
    return (uint16_t)(h % RG_SITES);
}

static RG_NOINLINE struct rg_captured capture_new(struct rg_capture *c, struct rg_trace_ref *set,
                                                  uint16_t tag, const struct rg_caller *caller,
                                                  size_t depth) {
    size_t n = rg_walk_trail(&c->walker, caller, c->pcs, depth, &c->trail);
    uint32_t epoch = rg_modules_epoch_of(c->pcs, n);
    struct rg_captured captured = {
        .id = rg_depot_put_cached(&c->depot_cache, c->pcs, n, epoch),
        .site = rg_capture_site(c->pcs, n),
    };
    remember(c, set, tag, caller, captured);
    return captured;
}

static RG_COLD void forget(struct rg_capture *c) {
    memset(c->ref, 0, sizeof c->ref);
    c->unloads = rg_walk_unloads();
    c->epoch = rg_modules_epoch();
}

struct rg_captured rg_capture_stack(struct rg_capture *c, const struct rg_caller *caller,
                                    size_t depth) {
    if (rg_unlikely(c->unloads != rg_walk_unloads() || c->epoch != rg_modules_epoch())) {
        forget(c);
    }
    uintptr_t mixed = (caller->pc ^ caller->sp << 20) * 0x9e3779b97f4a7c15UL;
    struct rg_trace_ref *set = c->ref[mixed >> 54 & (RG_TRACE_SETS - 1)];
    uint16_t tag = (uint16_t)(mixed >> 40);
    for (unsigned i = 0; i < RG_TRACE_WAYS; i++) {
        const struct rg_trace *t = set[i].tag == tag ? get_trace(c, set[i]) : NULL;
        if (t && holds(t, caller, &c->walker)) {
            return (struct rg_captured){.id = {t->id}, .site = t->site};
        }
    }
    return capture_new(c, set, tag, caller, depth);
}
