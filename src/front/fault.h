// SPDX-License-Identifier: MIT
// Stale accesses: from the fault to the report, and on.
#ifndef RG_FRONT_FAULT_H
#define RG_FRONT_FAULT_H

#include "report/finding.h"

// Fills in thread and epoch and reports, on the report stack. Returns the finding's number.
unsigned rg_fault_report(struct rg_finding *f);

#endif
