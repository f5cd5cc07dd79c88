// SPDX-License-Identifier: MIT
// Addresses of ELF files to functions and source lines, with elfutils. Files stay open between
// look-ups. For one thread.
#ifndef RG_TOOLS_SYMBOLIZER_H
#define RG_TOOLS_SYMBOLIZER_H

#include "dwarf_frames.h"

#include <stdint.h>

struct rg_symbolizer;

// Returns NULL when memory is short. Forgets DEBUGINFOD_URLS, so that libdw asks no server.
struct rg_symbolizer *rg_symbolizer_open(void);
void rg_symbolizer_close(struct rg_symbolizer *s);

// Calls emit for each frame at address (as in the file), innermost first; not at all when nothing is
// known. build_id is lower-case hex or "-". Returns 0; -ESTALE when the file has another build-id;
// -ENOEXEC when it is no ELF file that can be read; -ENOENT when the address is unknown; -ENOMEM.
int rg_symbolizer_lookup(struct rg_symbolizer *s, const char *path, const char *build_id,
                         uint64_t address, rg_frame_fn emit, void *arg);

#endif
