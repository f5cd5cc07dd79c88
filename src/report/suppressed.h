// SPDX-License-Identifier: MIT
// Findings that are not to be reported, as the files of the option suppressions say. Which ones have been met is kept, so
// that each is compared with the patterns once, but for those that the table has no room for. All functions but the first
// and rg_suppressed_again run with the REPORT lock held; async-signal-safe.
#ifndef RG_REPORT_SUPPRESSED_H
#define RG_REPORT_SUPPRESSED_H

#include "report/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Reads the files, where the option names any. What is wrong with them is said once, on standard error. Called when options
// are known and nothing else runs.
void rg_suppressed_init(void);

// Whether there are suppressions.
bool rg_suppressed_is_on(void);

// The finding with this key, if it has been suppressed before: counts it once more. Returns its number, from 1 on, or 0.
unsigned rg_suppressed_find(uint64_t key);

// Whether the story, whose finding has this key and is not known yet, is suppressed. Then it is counted, and *ret_number is
// its number, or 0: it was not kept.
bool rg_suppressed_check(const struct rg_story *s, uint64_t key, unsigned *ret_number);

// Counts the finding with this number once more. Lock-free.
void rg_suppressed_again(unsigned number);

// Distinct findings that were suppressed, and how often they occurred.
struct rg_suppressed_counts {
    size_t misuses, occurrences;
};
struct rg_suppressed_counts rg_suppressed_count(void);

// Tells each suppression that was used.
void rg_suppressed_tell(void);

// In a forked child: count from zero.
void rg_suppressed_after_fork(void);

#endif
