// SPDX-License-Identifier: MIT
// See trace_growth.h.
#include "trace_growth.h"

#include <math.h>

static void add_step(struct rg_growth *g, uint64_t bytes, uint64_t count, uint64_t missed) {
    struct rg_growth_step *least = &g->steps[0];
    for (size_t i = 0; i < RG_GROWTH_STEPS; i++) {
        struct rg_growth_step *s = &g->steps[i];
        if (s->count > 0 && s->bytes == bytes) {
            s->count += count;
            s->missed += missed;
            return;
        }
        least = s->count < least->count ? s : least;
    }
    *least = (struct rg_growth_step){
        .bytes = bytes, .count = least->count + count, .missed = least->count + missed};
}

static size_t factor_index(double logarithm) {
    const double index = logarithm * 8;
    return index < RG_GROWTH_FACTORS - 1 ? (size_t)index : RG_GROWTH_FACTORS - 1;
}

void rg_growth_add(struct rg_growth *g, uint64_t old, uint64_t size) {
    g->count++;
    g->bytes += size - old;
    add_step(g, size - old, 1, 0);
    const double logarithm = old ? log2((double)size / (double)old) : RG_GROWTH_FACTORS;
    struct rg_growth_factor *f = &g->factors[factor_index(logarithm)];
    f->count++;
    f->sum += logarithm;
}

void rg_growth_join(struct rg_growth *g, const struct rg_growth *more) {
    g->count += more->count;
    g->bytes += more->bytes;
    for (size_t i = 0; i < RG_GROWTH_STEPS; i++) {
        if (more->steps[i].count > 0) {
            add_step(g, more->steps[i].bytes, more->steps[i].count, more->steps[i].missed);
        }
    }
    for (size_t i = 0; i < RG_GROWTH_FACTORS; i++) {
        g->factors[i].count += more->factors[i].count;
        g->factors[i].sum += more->factors[i].sum;
    }
}

uint64_t rg_growth_step(const struct rg_growth *g) {
    for (size_t i = 0; i < RG_GROWTH_STEPS; i++) {
        const struct rg_growth_step *s = &g->steps[i];
        if (s->count > 0 && (s->count - s->missed) * 5 >= g->count * 4) {
            return s->bytes;
        }
    }
    return 0;
}

double rg_growth_factor(const struct rg_growth *g) {
    // Rounded to whole bytes a factor may fall on both sides of a border.
    for (size_t i = 0; i + 2 < RG_GROWTH_FACTORS; i++) {
        const uint64_t count = g->factors[i].count + g->factors[i + 1].count;
        if (count > 0 && count * 5 >= g->count * 4) {
            const double mean = (g->factors[i].sum + g->factors[i + 1].sum) / (double)count;
            // Constant steps look like a factor near 1.
            return exp2(mean) >= 1.1 ? exp2(mean) : 0;
        }
    }
    return 0;
}
