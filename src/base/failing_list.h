// SPDX-License-Identifier: MIT
// The list of option fail_realloc: which calls of realloc are counted, and which of the counted ones are to fail. Pure.
#ifndef RG_BASE_FAILING_LIST_H
#define RG_BASE_FAILING_LIST_H

#include "base/fmt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RG_FAILING_FRAMES = 8, // innermost ones, with which a site is compared
    RG_FAILING_SITES = 8,
};

// Where a call comes from: it calls, or a frame around it does, a function of that name; or its innermost frames are
// these. Texts point into the list.
struct rg_failing_frame {
    const char *module; // last part of the path
    size_t module_len;
    uintptr_t offset;
};
struct rg_failing_site {
    const char *name; // with '*' for any text; NULL: it is a chain
    size_t name_len;
    struct rg_failing_frame chain[RG_FAILING_FRAMES];
    size_t chain_len;
};

enum rg_failing_selector { RG_FAILING_ALL, RG_FAILING_ONE, RG_FAILING_EVERY, RG_FAILING_RATE };

struct rg_failing_list {
    size_t least_size;
    struct rg_failing_site site[RG_FAILING_SITES]; // one of them must match
    size_t site_count;                             // 0: all calls do
    enum rg_failing_selector selector;
    uint64_t number; // ONE: which call, from 1 on; EVERY: each how many
    uint64_t seed;   // RATE
    uint64_t rate;   // out of 1 << 32
};

// Reads a list that is not empty, which *ret goes on to point into. False: it is none; then `why` has got a phrase that
// says what is wrong and what to write.
bool rg_failing_parse(const char *text, struct rg_failing_list *ret, struct rg_buf *why);

// Whether the counted call with this number, from 1 on, is to fail.
bool rg_failing_selects(const struct rg_failing_list *list, uint64_t number);

// Whether the name is one of those that the pattern stands for.
bool rg_failing_name_matches(const char *pattern, size_t pattern_len, const char *name);

#endif
