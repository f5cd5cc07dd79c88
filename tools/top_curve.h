// SPDX-License-Identifier: MIT
// How many bytes were live over the whole of a run, in a fixed number of steps: when they are used up, two become one.
#ifndef RG_TOOLS_TOP_CURVE_H
#define RG_TOOLS_TOP_CURVE_H

#include <stddef.h>
#include <stdint.h>

enum { RG_TOP_CURVE_STEPS = 512 };

// Zero-filled it is empty.
struct rg_top_curve {
    uint64_t step_ns; // how long one is; 0: nothing was added yet
    uint64_t last;    // bytes after the last event
    size_t count;
    uint64_t most[RG_TOP_CURVE_STEPS]; // of each step
};

// From this moment on so many bytes are live. Moments do not go back.
void rg_top_curve_add(struct rg_top_curve *c, uint64_t ns, uint64_t bytes);

// The most of each of `columns` equal parts of the time up to now.
void rg_top_curve_columns(const struct rg_top_curve *c, uint64_t now_ns, uint64_t *ret,
                          size_t columns);

#endif
