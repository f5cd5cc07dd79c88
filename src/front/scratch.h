// SPDX-License-Identifier: MIT
// Scratch pages: private memory put in place of a sealed page while a stale access is let through, so
// that the access meets what the program would have seen and touches nothing that is alive. A scratch
// page keeps what was written to it, and is inaccessible again after each access.
//
// Functions take the SCRATCH lock with every signal blocked (they run in the two fault handlers).
#ifndef RG_FRONT_SCRATCH_H
#define RG_FRONT_SCRATCH_H

#include <stdbool.h>
#include <stdint.h>

// Opens the scratch page at this address, making it first where there is none. False: no memory.
bool rg_scratch_open(uintptr_t page);
// Closes it again, unless another thread still has it open.
void rg_scratch_close(uintptr_t page);

// Whether a scratch page is there. Without the lock: for fork.
bool rg_scratch_is_at(uintptr_t page);

// Copies n bytes as a stale read at address would see them.
void rg_scratch_read(uintptr_t address, void *dst, uintptr_t n);
// Stores n bytes as a stale write at address would.
void rg_scratch_write(uintptr_t address, const void *src, uintptr_t n);

#endif
