// SPDX-License-Identifier: MIT
// What was written past the ends of blocks that are not freed: looked for when the process forks or ends.
#ifndef RG_FRONT_OVERRUN_H
#define RG_FRONT_OVERRUN_H

#include "report/finding.h"

// Looks behind all live blocks and reports what was written there. operation: RG_OP_FORK or RG_OP_EXIT. Its cost grows
// with their number. No lock of the heap may be held.
void rg_overrun_check(enum rg_operation operation);

#endif
