// SPDX-License-Identifier: MIT
// See top_history.h.
#include "top_history.h"

#include "need.h"

#include <stdlib.h>

static const uint64_t SECOND = 1000000000;

static struct rg_top_counts counts_of(const struct rg_trace_figures *f) {
    return f ? (struct rg_top_counts){.live_bytes = f->live_bytes,
                                      .allocations = f->allocations,
                                      .reallocs = f->reallocs}
             : (struct rg_top_counts){0};
}

static void take(struct rg_top_history *h, const struct rg_trace_model *m, uint32_t last_stack,
                 uint64_t ns) {
    struct rg_top_sample *s = &h->ring[h->count++ % RG_TOP_SAMPLES];
    const size_t stacks = (size_t)last_stack + 1;
    if (s->stack_count < stacks) {
        free(s->stacks);
        // Room for those to come: this is done each second.
        s->stacks = rg_need(2 * stacks * sizeof *s->stacks);
        s->stack_count = 2 * stacks;
    }
    for (size_t i = 0; i < s->stack_count; i++) {
        s->stacks[i] = counts_of(i < stacks ? rg_trace_model_of(m, (uint32_t)i) : NULL);
    }
    const struct rg_trace_figures *all = rg_trace_model_totals(m);
    s->ns = ns;
    s->all = counts_of(all);
    s->frees = rg_trace_model_frees(m);
    s->moved = all->moved;
}

void rg_top_history_reach(struct rg_top_history *h, const struct rg_trace_model *m,
                          const struct rg_trace_reader *r, uint64_t ns) {
    if (ns < h->next_ns) {
        return;
    }
    // Where nothing happened for long, all samples of that time are alike.
    const uint64_t window = RG_TOP_SAMPLES * SECOND;
    if (ns > h->next_ns + window) {
        h->next_ns = (ns - window) / SECOND * SECOND;
    }
    for (; h->next_ns <= ns; h->next_ns += SECOND) {
        take(h, m, rg_trace_reader_last_stack(r), h->next_ns);
    }
}

const struct rg_top_sample *rg_top_history_before(const struct rg_top_history *h, uint64_t now_ns,
                                                  uint64_t age_ns) {
    const struct rg_top_sample *found = NULL;
    const size_t kept = h->count < RG_TOP_SAMPLES ? h->count : RG_TOP_SAMPLES;
    for (size_t i = 1; i <= kept; i++) {
        found = &h->ring[(h->count - i) % RG_TOP_SAMPLES];
        if (found->ns + age_ns <= now_ns) {
            return found;
        }
    }
    return now_ns < age_ns ? NULL : found;
}

struct rg_top_counts rg_top_sample_stack(const struct rg_top_sample *s, uint32_t stack) {
    return s && stack < s->stack_count ? s->stacks[stack] : (struct rg_top_counts){0};
}

void rg_top_history_done(struct rg_top_history *h) {
    for (size_t i = 0; i < RG_TOP_SAMPLES; i++) {
        free(h->ring[i].stacks);
    }
    *h = (struct rg_top_history){0};
}
