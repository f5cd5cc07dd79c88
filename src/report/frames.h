// SPDX-License-Identifier: MIT
// Stacks in words: each pc becomes one or more frames (inlined functions are frames of their own) with
// function, source line and module. Runs under the REPORT lock; async-signal-safe.
#ifndef RG_REPORT_FRAMES_H
#define RG_REPORT_FRAMES_H

#include "stack/depot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RG_FRAMES_MAX = 96 };

struct rg_frame {
    char function[200]; // empty: not known
    char file[300];     // empty: not known; without strip_path_prefix
    int line, column;   // 0: not known
    bool inlined;       // into the next frame
    bool is_system;     // of a system library
    char module[64];    // last part of the path
    char path[512];     // of the module
    uintptr_t pc;       // of a call, an address within the call instruction
    uintptr_t offset;   // of the pc in the module
    char build_id[65];
};

struct rg_frames {
    struct rg_frame frame[RG_FRAMES_MAX];
    size_t count;
    size_t own;  // the first frame of the person's own code; count when there is none
    bool is_cut; // there are more frames further out, or may be
};

// How many pcs at the start of a stack are in system libraries.
size_t rg_frames_count_system(const struct rg_stack *stack);

// most: how many pcs of such a stack are recorded.
void rg_frames_resolve(const struct rg_stack *stack, size_t most, struct rg_frames *ret);

// The part of a path after its last slash.
const char *rg_last_part(const char *path);

#endif
