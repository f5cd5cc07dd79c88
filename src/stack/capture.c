// SPDX-License-Identifier: MIT
// See capture.h. No state of its own.
#include "stack/capture.h"

#include "stack/modules.h"

// Whether the trace is of this caller and its words are unchanged. They are read only where the walker
// knows the stack to be readable: another, smaller stack may be at the same place by now.
static bool holds(const struct rg_trace *t, const struct rg_caller *caller,
                  const struct rg_walker *w) {
    if (caller->sp < w->readable_from || caller->sp + t->extent > w->readable_to ||
        t->pc != caller->pc || t->sp != caller->sp || t->id == 0 ||
        (t->uses_bp && t->bp != caller->bp) || t->unloads != rg_walk_unloads() ||
        t->epoch != rg_modules_epoch()) {
        return false;
    }
    for (unsigned i = 0; i < t->word_count; i++) {
        if (*(const uintptr_t *)(t->sp + t->at[i]) != t->value[i]) {
            return false;
        }
    }
    return true;
}

static void remember(struct rg_trace *t, const struct rg_caller *caller,
                     const struct rg_walk_trail *trail, uint32_t epoch, struct rg_stack_id id) {
    t->id = 0;
    if (!trail->is_exact || trail->word_count > RG_TRACE_WORDS) {
        return;
    }
    uintptr_t extent = 0;
    for (size_t i = 0; i < trail->word_count; i++) {
        uintptr_t offset = trail->word[i].at - caller->sp;
        if (offset > UINT32_MAX) {
            return;
        }
        extent = offset + sizeof(uintptr_t) > extent ? offset + sizeof(uintptr_t) : extent;
        t->at[i] = (uint32_t)offset;
        t->value[i] = trail->word[i].value;
    }
    t->extent = extent;
    t->pc = caller->pc;
    t->sp = caller->sp;
    t->bp = caller->bp;
    t->uses_bp = trail->uses_bp;
    t->word_count = (uint16_t)trail->word_count;
    t->unloads = rg_walk_unloads();
    t->epoch = epoch;
    t->id = id.v;
}

static RG_NOINLINE struct rg_stack_id capture_new(struct rg_capture *c,
                                                  const struct rg_caller *caller, size_t depth,
                                                  struct rg_trace *t) {
    uint32_t epoch = rg_modules_epoch();
    size_t n = rg_walk_trail(&c->walker, caller, c->pcs, depth, &c->trail);
    struct rg_stack_id id = rg_depot_put_cached(&c->depot_cache, c->pcs, n, epoch);
    remember(t, caller, &c->trail, epoch, id);
    return id;
}

struct rg_stack_id rg_capture_stack(struct rg_capture *c, const struct rg_caller *caller,
                                    size_t depth) {
    uintptr_t mixed = (caller->pc ^ caller->sp << 20) * 0x9e3779b97f4a7c15UL;
    struct rg_trace *t = &c->trace[mixed >> 57 & (RG_TRACE_COUNT - 1)];
    if (rg_likely(holds(t, caller, &c->walker))) {
        return (struct rg_stack_id){t->id};
    }
    return capture_new(c, caller, depth, t);
}
