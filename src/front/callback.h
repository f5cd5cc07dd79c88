// SPDX-License-Identifier: MIT
// The function that the program wants to have called for each finding that is reported (realloc_guard.h). State: that function.
#ifndef RG_FRONT_CALLBACK_H
#define RG_FRONT_CALLBACK_H

#include "report/finding.h"

#include <stdbool.h>

// Room for a report that is about to be made, for f->told; NULL: nobody wants it, or there is no memory.
char *rg_callback_get_room(void);

// Calls the function, if the finding was reported and it is wanted, and gives the room back. On a stack of its own, with no lock
// held and signals blocked.
void rg_callback_call(struct rg_finding *f);

#endif
