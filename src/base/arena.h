// SPDX-License-Identifier: MIT
// Metadata that lives as long as the process: views, records, stacks, thread caches. Out of line, far
// from anything the program can reach by a small overrun. Never given back.
#ifndef RG_BASE_ARENA_H
#define RG_BASE_ARENA_H

#include <stddef.h>

// Zero-filled, 16-byte aligned (64 from 64 bytes on); NULL when there is no memory. Takes the ARENA
// lock. Async-signal-safe unless the interrupted thread holds that lock; errno untouched.
void *rg_arena_alloc(size_t bytes);

// Bytes handed out so far.
size_t rg_arena_used(void);

#endif
