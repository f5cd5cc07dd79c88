// SPDX-License-Identifier: MIT
// See packed_pc.h. State: the regions, each written once; inherited by fork as they are. The first one is region 0.
#include "stack/packed_pc.h"

_Atomic uintptr_t rg_pc_region[RG_PC_REGIONS];

// The number of a region; RG_PC_REGIONS when there is none left.
static unsigned number_of(uintptr_t region) {
    for (unsigned n = 0; n < RG_PC_REGIONS; n++) {
        uintptr_t known = atomic_load_explicit(&rg_pc_region[n], memory_order_acquire);
        // What is marked in its upper bits is rare, and must not use up the regions.
        if (n > 0 && known == 0 && !(region >> 48) &&
            atomic_compare_exchange_strong(&rg_pc_region[n], &known, region)) {
            return n;
        }
        if (known == region) {
            return n;
        }
    }
    return RG_PC_REGIONS;
}

bool rg_pc_pack(const uintptr_t *pcs, size_t count, uint32_t *ret_packed) {
    const uintptr_t low = ((uintptr_t)1 << RG_PC_REGION_BITS) - 1;
    uintptr_t region = 1; // that of no pc
    unsigned n = 0;
    for (size_t i = 0; i < count; i++) {
        // Mostly that of the pc before.
        if ((pcs[i] & ~low) != region) {
            region = pcs[i] & ~low;
            n = number_of(region);
            if (n == RG_PC_REGIONS) {
                return false;
            }
        }
        ret_packed[i] = n << RG_PC_REGION_BITS | (uint32_t)(pcs[i] & low);
    }
    return true;
}
