// SPDX-License-Identifier: MIT
// See top_curve.h.
#include "top_curve.h"

#include <stdbool.h>

static const uint64_t FIRST_STEP_NS = 1000000;

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static void halve(struct rg_top_curve *c) {
    for (size_t i = 0; 2 * i < c->count; i++) {
        const bool is_pair = 2 * i + 1 < c->count;
        c->most[i] = is_pair ? larger(c->most[2 * i], c->most[2 * i + 1]) : c->most[2 * i];
    }
    c->count = (c->count + 1) / 2;
    c->step_ns *= 2;
}

void rg_top_curve_add(struct rg_top_curve *c, uint64_t ns, uint64_t bytes) {
    c->step_ns = c->step_ns ? c->step_ns : FIRST_STEP_NS;
    while (ns / c->step_ns >= RG_TOP_CURVE_STEPS) {
        if (c->count > RG_TOP_CURVE_STEPS / 2) {
            halve(c);
        } else {
            // Nothing has happened for long.
            for (; c->count < RG_TOP_CURVE_STEPS; c->count++) {
                c->most[c->count] = c->last;
            }
        }
    }
    const size_t step = (size_t)(ns / c->step_ns);
    for (; c->count <= step; c->count++) {
        c->most[c->count] = c->last;
    }
    c->most[step] = larger(c->most[step], bytes);
    c->last = bytes;
}

void rg_top_curve_columns(const struct rg_top_curve *c, uint64_t now_ns, uint64_t *ret,
                          size_t columns) {
    for (size_t i = 0; i < columns; i++) {
        ret[i] = c->last;
        if (!c->step_ns) {
            continue;
        }
        const size_t begin =
            (size_t)((double)now_ns * (double)i / (double)columns / (double)c->step_ns);
        const size_t end =
            (size_t)((double)now_ns * (double)(i + 1) / (double)columns / (double)c->step_ns);
        for (size_t k = begin; k < c->count && (k == begin || k < end); k++) {
            ret[i] = k == begin ? c->most[k] : larger(ret[i], c->most[k]);
        }
    }
}
