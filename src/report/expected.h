// SPDX-License-Identifier: MIT
// Findings that the program says are to come: regions of a thread's run, one inside the other, in which findings of some kinds
// are counted and not reported (realloc_guard.h). Each thread has its own; no lock. Async-signal-safe, errno untouched.
#ifndef RG_REPORT_EXPECTED_H
#define RG_REPORT_EXPECTED_H

#include "base/fmt.h"
#include "report/finding.h"

enum { RG_EXPECTED_DEPTH = 16 };

// Begins a region inside the others. kinds: names separated by commas; NULL: any. False: the names are not right or there are too
// many regions; then `why` has got a phrase that says what is wrong and what to do.
bool rg_expected_push(const char *kinds, struct rg_buf *why);

// Ends the innermost region. Returns how many findings it has taken; -1: there is none.
long rg_expected_pop(void);

// Whether a region of the calling thread takes the finding. It is counted then.
bool rg_expected_take(const struct rg_finding *f);

#endif
