// SPDX-License-Identifier: MIT
// Thins the values of a counter over time out to a bound: of each of the equal spans of time the least, the most and the
// last value stay, so no peak is lost. Pure but for what it calls.
#ifndef RG_TOOLS_EXPORT_COUNTER_H
#define RG_TOOLS_EXPORT_COUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RG_COUNTER_SPANS = 3333, RG_COUNTER_POINTS_MOST = 3 * RG_COUNTER_SPANS };

struct rg_counter_point {
    uint64_t ns, value;
};

struct rg_counter {
    uint64_t span_ns;
    void (*emit)(void *arg, struct rg_counter_point p); // in the order of time, at most so often
    void *arg;
    uint64_t span;
    bool has_any; // in this span
    struct rg_counter_point least, most, last;
};

// emit and arg are set, the rest is zero-filled.
void rg_counter_begin(struct rg_counter *c, uint64_t duration_ns);

// ns: not less than that of the call before.
void rg_counter_add(struct rg_counter *c, uint64_t ns, uint64_t value);

void rg_counter_end(struct rg_counter *c);

#endif
