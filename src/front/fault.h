// SPDX-License-Identifier: MIT
// Stale accesses: from the fault to the report, and on.
#ifndef RG_FRONT_FAULT_H
#define RG_FRONT_FAULT_H

#include "report/finding.h"

// Fills in thread and epoch and reports, on the report stack. Returns the finding's number.
unsigned rg_fault_report(struct rg_finding *f);

// Calls fn(arg) on the report stack, with the FAULT lock held. errno is kept.
void rg_fault_call(void (*fn)(void *arg), void *arg);

// The same where that lock is free; else nothing is done.
void rg_fault_try_call(void (*fn)(void *arg), void *arg);

// Calls fn(arg) on another stack, whose end is at `top`.
void rg_call_on_stack(void (*fn)(void *arg), void *arg, void *top);

#endif
