// SPDX-License-Identifier: MIT
// How sizes grow from call to call: by which step, by which factor. Zero-filled it knows none. Sums can be joined.
#ifndef RG_TOOLS_TRACE_GROWTH_H
#define RG_TOOLS_TRACE_GROWTH_H

#include <stddef.h>
#include <stdint.h>

enum { RG_GROWTH_STEPS = 6, RG_GROWTH_FACTORS = 33 };

struct rg_growth {
    uint64_t count; // calls that made it larger
    uint64_t bytes; // in sum
    // The most frequent steps (the space-saving algorithm): of those counted, as many as `missed` may be others.
    struct rg_growth_step {
        uint64_t bytes, count, missed;
    } steps[RG_GROWTH_STEPS];
    // By the factor, an eighth of a power of two each; the last: 16 and more, or from 0.
    struct rg_growth_factor {
        uint64_t count;
        double sum; // of logarithms
    } factors[RG_GROWTH_FACTORS];
};

// old < size.
void rg_growth_add(struct rg_growth *g, uint64_t old, uint64_t size);
void rg_growth_join(struct rg_growth *g, const struct rg_growth *more);

// The step of four fifths of the calls or more; 0: there is none.
uint64_t rg_growth_step(const struct rg_growth *g);

// The factor of about as many; 0: there is none.
double rg_growth_factor(const struct rg_growth *g);

#endif
