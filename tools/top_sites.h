// SPDX-License-Identifier: MIT
// The sites of a process: what its stacks add up to, by the function and line of the person's own that called. A stack
// is a site of its own until its name is known. For one thread.
#ifndef RG_TOOLS_TOP_SITES_H
#define RG_TOOLS_TOP_SITES_H

#include "number_map.h"
#include "top_process.h"

enum rg_top_sort {
    RG_TOP_BY_LIVE,
    RG_TOP_BY_GROWTH,
    RG_TOP_BY_ALLOCATIONS, // a second
    RG_TOP_BY_REALLOCS,    // a second
    RG_TOP_BY_MOVED,
    RG_TOP_BY_TEMPORARY,
    RG_TOP_SORTS
};

struct rg_top_site {
    struct rg_top_site *next; // of the same hash
    char *function;           // or where it is, while it has no name
    char *place;              // "file.c:12", or the module; may be empty
    uint64_t live_bytes, live_blocks, allocations, reallocs, moved, temporary;
    int64_t growth; // of live bytes in the last RG_TOP_GROWTH_SECONDS
    double allocation_rate, realloc_rate;
    uint32_t *stacks; // the ids
    size_t stack_count;
    bool is_open; // the view shows its stacks
};

struct rg_top_sites {
    struct rg_top_process *process; // not owned
    struct rg_number_map named;     // struct rg_top_site, by a hash of its name
    struct rg_top_site **of_stack;  // by id; NULL: none yet
    bool *is_named;                 // by id
    size_t stack_cap;
    struct rg_top_site **sorted; // those with figures
    size_t count;
    size_t unnamed;               // stacks
    struct rg_top_site *selected; // by the user; NULL: the first one
};

void rg_top_sites_open(struct rg_top_sites *s, struct rg_top_process *p);
void rg_top_sites_close(struct rg_top_sites *s);

// Adds up anew, and sorts. Sites stay where they are in memory.
void rg_top_sites_update(struct rg_top_sites *s, enum rg_top_sort by);

// Looks up names for those that come first in the order, until the time `deadline` (rg_top_now). Returns whether any was:
// then they are to be updated.
bool rg_top_sites_name(struct rg_top_sites *s, uint64_t deadline);

// How large the value of the site is that is sorted by.
double rg_top_site_value(const struct rg_top_site *site, enum rg_top_sort by);

#endif
