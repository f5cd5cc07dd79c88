// SPDX-License-Identifier: MIT
// The name of a C++ function from its DWARF alone, in the demangler's style: "ns::f(char const*)".
#ifndef RG_TOOLS_CXX_NAME_H
#define RG_TOOLS_CXX_NAME_H

#include <elfutils/libdw.h>

// die is a subprogram or inlined subroutine that has a name, if only through its origin. Returns text
// to be freed, or NULL when memory is short.
char *rg_cxx_name(Dwarf_Die *die);

#endif
