// SPDX-License-Identifier: MIT
// See export_counter.h.
#include "export_counter.h"

void rg_counter_begin(struct rg_counter *c, uint64_t duration_ns) {
    c->span_ns = duration_ns / RG_COUNTER_SPANS + 1;
}

void rg_counter_end(struct rg_counter *c) {
    if (!c->has_any) {
        return;
    }
    const bool is_least_first = c->least.ns < c->most.ns;
    const struct rg_counter_point points[] = {is_least_first ? c->least : c->most,
                                              is_least_first ? c->most : c->least, c->last};
    for (size_t i = 0; i < 3; i++) {
        if (i == 0 || points[i].ns != points[i - 1].ns || points[i].value != points[i - 1].value) {
            c->emit(c->arg, points[i]);
        }
    }
    c->has_any = false;
}

void rg_counter_add(struct rg_counter *c, uint64_t ns, uint64_t value) {
    const struct rg_counter_point p = {ns, value};
    uint64_t span = ns / c->span_ns;
    span = span < RG_COUNTER_SPANS ? span : RG_COUNTER_SPANS - 1;
    if (span != c->span) {
        rg_counter_end(c);
        c->span = span;
    }
    if (!c->has_any) {
        c->least = c->most = p;
    }
    c->least = value < c->least.value ? p : c->least;
    c->most = value > c->most.value ? p : c->most;
    c->last = p;
    c->has_any = true;
}
