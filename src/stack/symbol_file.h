// SPDX-License-Identifier: MIT
// Function names from the symbol tables of an object's file, which also know what is not exported. Where the file has
// none of its own (it is stripped), those that are mapped are all there is.
#ifndef RG_STACK_SYMBOL_FILE_H
#define RG_STACK_SYMBOL_FILE_H

#include "stack/modules.h"

typedef bool rg_symbol_matches_fn(const char *name, void *arg);

// Whether a function of the object that holds pc has a name that matches. m: the object. Opens its file, but within a
// sandbox; takes no lock, async-signal-safe.
bool rg_symbol_any(uintptr_t pc, const struct rg_module *m, rg_symbol_matches_fn *matches,
                   void *arg);

#endif
