// SPDX-License-Identifier: MIT
// The frames at one address: the function there and those it is inlined into.
#ifndef RG_TOOLS_DWARF_FRAMES_H
#define RG_TOOLS_DWARF_FRAMES_H

#include <elfutils/libdw.h>

struct rg_unit;

// Strings are NULL and numbers 0 when unknown.
struct rg_frame {
    const char *function; // demangled
    const char *file;     // a full path where the DWARF allows to make one
    int line;
    int column;
};

// The frame and its strings are valid during the call only.
typedef void (*rg_frame_fn)(void *arg, const struct rg_frame *frame);

// Calls emit for each frame at pc, innermost first, at least once. unit (of the DWARF, may be NULL)
// covers pc; symbol is the name in the ELF symbol table, or NULL.
void rg_dwarf_frames(const struct rg_unit *unit, Dwarf_Addr pc, const char *symbol,
                     rg_frame_fn emit, void *arg);

#endif
