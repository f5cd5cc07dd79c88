// SPDX-License-Identifier: MIT
// Repeated string instructions (rep movs, rep stos), which memcpy and memset use for large blocks. With
// the trap flag set they trap after each element; done here they cost one system call a page.
#ifndef RG_FRONT_STRING_OP_H
#define RG_FRONT_STRING_OP_H

#include <stdbool.h>
#include <ucontext.h>

// If the interrupted instruction is one, and its operands are accessible here and do not overlap, does
// as much of it as lies in the current pages and moves the registers on. False: nothing was done. No
// lock, async-signal-safe.
bool rg_string_op_run(ucontext_t *context);

#endif
