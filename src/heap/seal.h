// SPDX-License-Identifier: MIT
// Sealing: making the addresses of a moved block inaccessible. Two back ends behind one call.
//
//   guard     a marker in the page table (MADV_GUARD_INSTALL); splits no mapping, so there is no limit
//   mprotect  PROT_NONE on the unit; each isolated unit splits its view in three, so the number of
//             seals is bounded by vm.max_map_count and sealing lapses before the program runs short
#ifndef RG_HEAP_SEAL_H
#define RG_HEAP_SEAL_H

#include "heap/view.h"

enum rg_seal_choice { RG_SEAL_BY_TRYING, RG_SEAL_BY_GUARD, RG_SEAL_BY_MPROTECT };

// Fixes the back end: as asked for, or guard markers where a trial on private and on shared memory
// works. Returns false when guard markers were asked for and do not work (mprotect is used then).
// Called once, before the first seal. Until then the answer is by trying.
bool rg_seal_init(enum rg_seal_choice choice);

// "guard" or "mprotect".
const char *rg_seal_name(void);

// Makes one unit of the view inaccessible. The contents of small units survive in the root; those of
// page and large blocks are given back. False: the seal has lapsed; the unit is as it was.
bool rg_seal_unit(struct rg_view *v, size_t unit);

// Others add so many mappings, or take them away: where seals split mappings both together are bounded. False: there
// would be too many, and nothing was counted.
bool rg_seal_count_mappings(int by);

// The view has become a reservation: the mappings that seals have added in it are gone.
void rg_seal_forget(const struct rg_view *v);

// Makes one page of a small view inaccessible that was just mapped anew.
void rg_seal_page(uintptr_t page_address);

// fork, in the child: seals again all stale units of a small view that was just mapped anew, run by
// run. Leaves pages alone for which `skip` answers true.
void rg_seal_again(struct rg_view *v, bool (*skip)(uintptr_t page_address));

struct rg_seal_stats {
    size_t sealed;         // units
    size_t by_mprotect;    // of these, where guard markers are the choice and were refused
    size_t lapsed;         // units that could not be sealed
    size_t first_lapse_at; // value of `sealed` when the first one lapsed
    size_t splits;         // mappings that mprotect seals have added, about
    size_t splits_max;     // the bound kept
};
struct rg_seal_stats rg_seal_stats(void);

#endif
