// SPDX-License-Identifier: MIT
// See trace_realloc.h. Calls count for the stack they were made by; a ladder for that of its first call.
#include "trace_realloc.h"

#include "need.h"
#include "number_map.h"
#include "trace_growth.h"
#include "trace_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A live block that realloc was called for.
struct climb {
    struct rg_trace_ladder ladder;
    uint32_t stack; // of the first call
    // Had it been doubled: what it would have room for.
    uint64_t room;
    uint64_t copied, copied_if_doubled, calls_if_doubled;
};

struct site_state {
    struct rg_trace_realloc_site site;
    struct rg_growth growth;
    uint64_t grew_again; // calls that made a block larger that had grown before
};

struct rg_trace_reallocs {
    struct rg_number_map climbs;  // struct climb, by address
    struct site_state **by_stack; // NULL: no call
    size_t stack_cap;
    struct rg_trace_realloc_site *sites;
    size_t site_count;
};

struct rg_trace_reallocs *rg_trace_reallocs_open(void) {
    return rg_need(sizeof(struct rg_trace_reallocs));
}

void rg_trace_reallocs_close(struct rg_trace_reallocs *a) {
    rg_number_map_done(&a->climbs, free);
    for (size_t i = 0; i < a->stack_cap; i++) {
        free(a->by_stack[i]);
    }
    for (size_t i = 0; i < a->site_count; i++) {
        free(a->sites[i].label);
    }
    free((void *)a->by_stack);
    free(a->sites);
    free(a);
}

static struct site_state *state_of(struct rg_trace_reallocs *a, uint32_t stack) {
    a->by_stack = (struct site_state **)rg_need_index((void *)a->by_stack, &a->stack_cap, stack,
                                                      sizeof(void *));
    if (!a->by_stack[stack]) {
        a->by_stack[stack] = rg_need(sizeof(struct site_state));
        a->by_stack[stack]->site.stack = stack;
        a->by_stack[stack]->site.stack_count = 1;
    }
    return a->by_stack[stack];
}

static void add_size(struct rg_trace_ladder *l, uint64_t index, uint64_t size) {
    if (index < RG_TRACE_LADDER_FIRST) {
        l->first[index] = size;
    }
    memmove(l->last, l->last + 1, sizeof l->last - sizeof *l->last);
    l->last[RG_TRACE_LADDER_LAST - 1] = size;
}

static bool is_longer(const struct rg_trace_ladder *l, const struct rg_trace_ladder *than) {
    return l->steps != than->steps
               ? l->steps > than->steps
               : l->last[RG_TRACE_LADDER_LAST - 1] > than->last[RG_TRACE_LADDER_LAST - 1];
}

// The block has ended, or the trace.
static void end_climb(struct rg_trace_reallocs *a, struct climb *c) {
    struct rg_trace_realloc_site *s = &state_of(a, c->stack)->site;
    s->blocks++;
    s->copied_at_most += c->copied;
    s->copied_if_doubled += c->copied_if_doubled;
    s->calls_if_doubled += c->calls_if_doubled;
    if (is_longer(&c->ladder, &s->longest)) {
        s->longest = c->ladder;
    }
    free(c);
}

static void end_climb_at(struct rg_trace_reallocs *a, uint64_t address) {
    struct climb *c = rg_number_map_remove(&a->climbs, address);
    if (c) {
        end_climb(a, c);
    }
}

static struct climb *begin_climb(uint32_t stack, uint64_t size) {
    struct climb *c = rg_need(sizeof *c);
    c->stack = stack;
    c->room = size;
    add_size(&c->ladder, 0, size);
    return c;
}

// Sizes are below 1 << 47 (trace_cursor.c), so doubling never is too much.
static void step(struct climb *c, uint64_t old, uint64_t size) {
    add_size(&c->ladder, ++c->ladder.steps, size);
    c->copied += size > old ? old : 0;
    if (size > c->room) {
        c->copied_if_doubled += old;
        c->calls_if_doubled++;
        // At the least what malloc gives anyway.
        c->room = c->room ? c->room : 16;
        while (c->room < size) {
            c->room *= 2;
        }
    }
}

static void count_call(struct site_state *s, const struct rg_trace_event *e, uint64_t old,
                       bool has_grown) {
    struct rg_trace_realloc_site *site = &s->site;
    site->calls++;
    if (e->kind != RG_TRACE_RESIZE) {
        site->moved++;
        site->forced += e->kind == RG_TRACE_FORCED_MOVE;
        site->copied_bytes += old < e->size ? old : e->size;
    }
    site->largest = e->size > site->largest ? e->size : site->largest;
    site->shrank += e->size < old;
    if (e->size > old) {
        site->grew++;
        s->grew_again += has_grown;
        rg_growth_add(&s->growth, old, e->size);
    }
}

void rg_trace_reallocs_event(void *arg, const struct rg_trace_event *e, uint32_t thread,
                             const struct rg_trace_block *before,
                             const struct rg_trace_block *after) {
    (void)thread;
    struct rg_trace_reallocs *a = arg;
    if (e->kind == RG_TRACE_FREE) {
        end_climb_at(a, e->old);
    } else if (e->kind == RG_TRACE_ALLOC) {
        end_climb_at(a, e->address);
    } else if (e->kind != RG_TRACE_FAILED && after->address) {
        const uint64_t old = before->address ? before->size : e->old_size;
        struct climb *c = rg_number_map_remove(&a->climbs, e->old);
        const bool has_grown = c && c->copied + c->calls_if_doubled > 0;
        count_call(state_of(a, e->stack), e, old, has_grown);
        c = c ? c : begin_climb(e->stack, old);
        step(c, old, e->size);
        end_climb_at(a, e->address);
        *rg_number_map_get(&a->climbs, e->address) = c;
    }
}

static int by_label(const void *a, const void *b) {
    const struct site_state *x = *(struct site_state *const *)a;
    const struct site_state *y = *(struct site_state *const *)b;
    return strcmp(x->site.label, y->site.label);
}

static void join(struct site_state *to, const struct site_state *from) {
    struct rg_trace_realloc_site *t = &to->site;
    const struct rg_trace_realloc_site *f = &from->site;
    t->stack_count += f->stack_count;
    t->calls += f->calls;
    t->moved += f->moved;
    t->forced += f->forced;
    t->copied_bytes += f->copied_bytes;
    t->grew += f->grew;
    t->shrank += f->shrank;
    t->blocks += f->blocks;
    t->largest = f->largest > t->largest ? f->largest : t->largest;
    t->copied_at_most += f->copied_at_most;
    t->copied_if_doubled += f->copied_if_doubled;
    t->calls_if_doubled += f->calls_if_doubled;
    if (is_longer(&f->longest, &t->longest)) {
        t->longest = f->longest;
    }
    to->grew_again += from->grew_again;
    rg_growth_join(&to->growth, &from->growth);
}

static void judge(struct site_state *s) {
    struct rg_trace_realloc_site *site = &s->site;
    site->grown_bytes = s->growth.bytes;
    const uint64_t same_step = rg_growth_step(&s->growth);
    const double factor = rg_growth_factor(&s->growth);
    if (site->grew == 0) {
        site->growth = RG_TRACE_GROWS_NEVER;
    } else if (s->grew_again * 4 < site->grew || s->grew_again < 2) {
        site->growth = RG_TRACE_GROWS_ONCE;
    } else if (same_step > 0) {
        site->growth = RG_TRACE_GROWS_BY_STEP;
        site->step = same_step;
    } else if (factor > 0) {
        site->growth = RG_TRACE_GROWS_BY_FACTOR;
        site->factor = factor;
    } else {
        site->growth = RG_TRACE_GROWS_UNEVENLY;
        site->step = site->grown_bytes / site->grew;
    }
}

static int by_copied(const void *a, const void *b) {
    const struct rg_trace_realloc_site *x = a, *y = b;
    if (x->copied_bytes != y->copied_bytes) {
        return x->copied_bytes < y->copied_bytes ? 1 : -1;
    }
    if (x->calls != y->calls) {
        return x->calls < y->calls ? 1 : -1;
    }
    return strcmp(x->label, y->label);
}

// The states of the stacks that called realloc, those of one site behind each other.
static struct site_state **sorted_states(struct rg_trace_reallocs *a, struct rg_trace_names *n,
                                         size_t *ret_count) {
    struct site_state **states = NULL;
    size_t count = 0;
    for (size_t i = 0; i < a->stack_cap; i++) {
        struct site_state *s = a->by_stack[i];
        if (s) {
            s->site.name = rg_trace_names_site(n, s->site.stack);
            s->site.label = rg_trace_name_text(s->site.name);
            states = (struct site_state **)rg_need_room((void *)states, count, sizeof(void *));
            states[count++] = s;
        }
    }
    if (count > 0) {
        qsort((void *)states, count, sizeof(void *), by_label);
    }
    *ret_count = count;
    return states;
}

const struct rg_trace_realloc_site *
rg_trace_reallocs_sites(struct rg_trace_reallocs *a, struct rg_trace_names *n, size_t *ret_count) {
    for (size_t i = 0; i < a->climbs.cap; i++) {
        if (a->climbs.places[i].item) {
            end_climb(a, a->climbs.places[i].item);
            a->climbs.places[i].item = NULL;
        }
    }
    size_t count;
    struct site_state **states = sorted_states(a, n, &count);
    for (size_t i = 0; i < count;) {
        struct site_state *s = states[i];
        uint64_t most = s->site.calls;
        for (i++; i < count && !strcmp(s->site.label, states[i]->site.label); i++) {
            if (states[i]->site.calls > most) {
                most = states[i]->site.calls;
                s->site.stack = states[i]->site.stack;
            }
            join(s, states[i]);
            free(states[i]->site.label);
        }
        judge(s);
        a->sites = rg_need_room(a->sites, a->site_count, sizeof *a->sites);
        a->sites[a->site_count++] = s->site;
    }
    free((void *)states);
    if (a->site_count > 0) {
        qsort(a->sites, a->site_count, sizeof *a->sites, by_copied);
    }
    *ret_count = a->site_count;
    return a->sites;
}
