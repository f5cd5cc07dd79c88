// SPDX-License-Identifier: MIT
// What the two formats of valgrind have in common.
#ifndef RG_TOOLS_CONVERT_VALGRIND_H
#define RG_TOOLS_CONVERT_VALGRIND_H

#include "json_value.h"

// The kind of error that memcheck would call it, as its XML spells it: "InvalidRead". A literal.
const char *rg_valgrind_kind(const struct rg_value *finding);

#endif
