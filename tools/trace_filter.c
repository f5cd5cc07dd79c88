// SPDX-License-Identifier: MIT
// See trace_filter.h.
#include "trace_filter.h"

#include "need.h"

#include <stdlib.h>
#include <string.h>

enum { UNKNOWN, MATCHES, DIFFERS };

static bool has_text(const struct rg_trace_name *name, const char *text) {
    return strstr(name->function, text) || (name->file && strstr(name->file, text)) ||
           strstr(name->module, text);
}

static bool look(struct rg_trace_pattern *p, uint32_t stack) {
    const struct rg_trace_stack s = rg_trace_reader_stack(p->reader, stack);
    for (size_t i = 0; i < s.count; i++) {
        const struct rg_trace_frame_names names = rg_trace_names_of(p->names, s.frames[i]);
        for (size_t j = 0; j < names.count; j++) {
            if (has_text(&names.names[j], p->text)) {
                return true;
            }
        }
    }
    return false;
}

bool rg_trace_pattern_matches(struct rg_trace_pattern *p, uint32_t stack) {
    if (!p->text) {
        return true;
    }
    p->known = rg_need_index(p->known, &p->known_cap, stack, 1);
    if (p->known[stack] == UNKNOWN) {
        p->known[stack] = look(p, stack) ? MATCHES : DIFFERS;
    }
    return p->known[stack] == MATCHES;
}

void rg_trace_pattern_done(struct rg_trace_pattern *p) {
    free(p->known);
}

bool rg_trace_block_has(const struct rg_trace_block *b, uint64_t address) {
    return b->address && address >= b->address && address - b->address < (b->size ? b->size : 1);
}

static bool is_of_kind(int kind, const struct rg_trace_event *e) {
    switch (kind) {
    case 0:
        return true;
    case 1:
        return e->kind == RG_TRACE_ALLOC;
    case 2:
        return e->kind == RG_TRACE_FREE;
    case 3:
        return e->how == RG_TRACE_BY_REALLOC || rg_trace_has_old_size(e->kind);
    case 4:
        return e->kind == RG_TRACE_RESIZE;
    case 5:
        return e->kind == RG_TRACE_MOVE || e->kind == RG_TRACE_FORCED_MOVE;
    case 6:
        return e->kind == RG_TRACE_FORCED_MOVE;
    default:
        return e->kind == RG_TRACE_FAILED;
    }
}

bool rg_trace_filter_matches(struct rg_trace_filter *f, const struct rg_trace_event *e, uint64_t ns,
                             uint32_t thread, const struct rg_trace_block *before,
                             const struct rg_trace_block *after) {
    const uint64_t size = e->kind == RG_TRACE_FREE ? before->size : e->size;
    return ns >= f->from_ns && ns <= f->to_ns && is_of_kind(f->kind, e) && size >= f->sizes.from &&
           size <= f->sizes.to && (!f->has_thread || thread == f->thread) &&
           (!f->has_address || rg_trace_block_has(before, f->address) ||
            rg_trace_block_has(after, f->address) || e->old == f->address) &&
           rg_trace_pattern_matches(&f->site, e->stack);
}
