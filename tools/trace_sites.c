// SPDX-License-Identifier: MIT
// See trace_sites.h.
#include "trace_sites.h"

#include "need.h"
#include "trace_text.h"

#include <stdlib.h>
#include <string.h>

static void add(struct rg_trace_figures *to, const struct rg_trace_figures *f) {
    to->allocations += f->allocations;
    to->bytes += f->bytes;
    to->reallocs += f->reallocs;
    to->moved += f->moved;
    to->forced += f->forced;
    to->copied_bytes += f->copied_bytes;
    to->live_blocks += f->live_blocks;
    to->live_bytes += f->live_bytes;
    to->peak_blocks += f->peak_blocks;
    to->peak_bytes += f->peak_bytes;
    to->at_peak_blocks += f->at_peak_blocks;
    to->at_peak_bytes += f->at_peak_bytes;
    to->temporary += f->temporary;
    to->lifetime_ns += f->lifetime_ns;
    to->ended += f->ended;
    to->failed += f->failed;
}

static int by_label(const void *a, const void *b) {
    const struct rg_trace_site *x = a, *y = b;
    const int order = strcmp(x->label, y->label);
    return order ? order : (x->stack > y->stack) - (x->stack < y->stack);
}

// Sites of the same label that follow each other become one.
static void join(struct rg_trace_sites *s) {
    size_t count = 0;
    uint64_t most = 0;
    for (size_t i = 0; i < s->count; i++) {
        struct rg_trace_site *site = &s->sites[i];
        struct rg_trace_site *last = count ? &s->sites[count - 1] : NULL;
        if (!last || strcmp(last->label, site->label) != 0) {
            most = site->figures.bytes;
            s->sites[count++] = *site;
            continue;
        }
        if (site->figures.bytes > most) {
            most = site->figures.bytes;
            last->stack = site->stack;
        }
        add(&last->figures, &site->figures);
        last->stack_count++;
        free(site->label);
    }
    s->count = count;
}

struct rg_trace_sites rg_trace_sites_make(const struct rg_trace_model *m, struct rg_trace_names *n,
                                          enum rg_trace_group group) {
    struct rg_trace_sites s = {0};
    const uint32_t last = rg_trace_model_last_stack(m);
    for (uint32_t id = 0; id <= last; id++) {
        const struct rg_trace_figures *f = rg_trace_model_of(m, id);
        if (f->allocations == 0 && f->failed == 0) {
            continue;
        }
        s.sites = rg_need_room(s.sites, s.count, sizeof *s.sites);
        struct rg_trace_site *site = &s.sites[s.count++];
        const struct rg_trace_name *name = rg_trace_names_site(n, id);
        const char *module = name && *name->module ? name->module : "?";
        *site = (struct rg_trace_site){
            .figures = *f,
            .name = name,
            .label = group == RG_TRACE_BY_MODULE ? rg_need_copy(module) : rg_trace_name_text(name),
            .stack = id,
            .stack_count = 1};
    }
    if (s.count > 0) {
        qsort(s.sites, s.count, sizeof *s.sites, by_label);
    }
    if (group != RG_TRACE_BY_STACK) {
        join(&s);
    }
    return s;
}

void rg_trace_sites_done(struct rg_trace_sites *s) {
    for (size_t i = 0; i < s->count; i++) {
        free(s->sites[i].label);
    }
    free(s->sites);
}

static int by_measure(const void *a, const void *b, void *arg) {
    uint64_t (*measure)(const struct rg_trace_figures *f) =
        *(uint64_t(**)(const struct rg_trace_figures *f))arg;
    const struct rg_trace_site *x = a, *y = b;
    const uint64_t of_x = measure(&x->figures), of_y = measure(&y->figures);
    return of_x != of_y ? (of_x < of_y) - (of_x > of_y) : by_label(a, b);
}

void rg_trace_sites_sort(struct rg_trace_sites *s,
                         uint64_t (*measure)(const struct rg_trace_figures *f)) {
    if (s->count > 0) {
        qsort_r(s->sites, s->count, sizeof *s->sites, by_measure, (void *)&measure);
    }
}
