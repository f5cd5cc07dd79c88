// SPDX-License-Identifier: MIT
// Names of functions as people write them: demangled, with scopes and parameters for C++.
#ifndef RG_TOOLS_FUNCTION_NAME_H
#define RG_TOOLS_FUNCTION_NAME_H

#include <elfutils/libdw.h>

// The name of a subprogram or inlined subroutine. symbol is the ELF symbol at its address, or NULL.
// Returns text to be freed, or NULL when it has no name or memory is short.
char *rg_function_name(Dwarf_Die *die, const char *symbol);

// The name behind a symbol of the ELF symbol table, which may be NULL. As above.
char *rg_symbol_name(const char *symbol);

#endif
