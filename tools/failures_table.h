// SPDX-License-Identifier: MIT
// What `realloc-guard failures` shows: the sites, the table of outcomes, and a report for each bad one.
#ifndef RG_TOOLS_FAILURES_TABLE_H
#define RG_TOOLS_FAILURES_TABLE_H

#include "failures_census.h"
#include "failures_outcome.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

// One run with a failure: of the first call at a site, or of a call by its number.
struct rg_case {
    const struct rg_site *site; // or NULL
    uint64_t call;              // its number, where site is NULL
    char *label;                // "site 3", "call 1"
    char *fails;                // fail_realloc; NULL where it cannot be tried
    size_t rank;                // of rg_table_sort
    bool done;
    struct rg_result result; // once done
};

// How to start one by hand.
struct rg_repeat {
    const char *tool; // as it was called
    char **options;
    size_t option_count;
    char **program;
    const char *library; // or NULL
    const char *input;
};

// "function file.c:12", or as much of that as is known, of each frame, joined by " < ".
char *rg_site_text(const struct rg_site *site);

// Whether a function, file or module of the site contains the text.
bool rg_site_contains(const struct rg_site *site, const char *text);

void rg_table_put_sites(FILE *out, const struct rg_site *sites, size_t count);

// Puts the cases that are faults first, the worst in front, then those that need a look. Others stay as they are.
void rg_table_sort(struct rg_case *cases, size_t count);

// A row for each case that is done.
void rg_table_put_cases(FILE *out, const struct rg_case *cases, size_t count);

// A paragraph for each bad outcome.
void rg_table_put_reports(FILE *out, const struct rg_case *cases, size_t count,
                          const struct rg_repeat *how);

// "20 survived, 12 refused, 3 crashed", those that occur.
char *rg_table_sums(const struct rg_case *cases, size_t count);

#endif
