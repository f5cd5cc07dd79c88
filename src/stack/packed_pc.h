// SPDX-License-Identifier: MIT
// Pcs in 32 bits each: a region of 256 MiB and where in it. The code of a program lies in few regions; they are
// numbered as they are met, and never forgotten. Takes no lock.
#ifndef RG_STACK_PACKED_PC_H
#define RG_STACK_PACKED_PC_H

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RG_PC_REGION_BITS = 28, RG_PC_REGIONS = 1 << (32 - RG_PC_REGION_BITS) };

extern _Atomic uintptr_t rg_pc_region[RG_PC_REGIONS];

// Packs `count` pcs. False: they lie in too many regions, or are more than addresses.
bool rg_pc_pack(const uintptr_t *pcs, size_t count, uint32_t *ret_packed);

// What was packed. Whoever got it from another thread must have acquired it.
RG_INLINE uintptr_t rg_pc_unpack(uint32_t packed) {
    return atomic_load_explicit(&rg_pc_region[packed >> RG_PC_REGION_BITS], memory_order_relaxed) +
           (packed & ((1U << RG_PC_REGION_BITS) - 1));
}

#endif
