// SPDX-License-Identifier: MIT
// What is kept for ever of the blocks that realloc moved out of a view, once the view is retired. Their records
// change no more but for one thing, that the block which became of one is freed; so they are packed, 28 bytes
// for each moved block, 8 for one that was freed there (size, and who freed it) and none for a unit that no slot ever
// came through. Of the oldest moved ones, beyond a number that the options set, 12 bytes stay: size, where it went, and
// who moved it.
//
// Readers and writers of fates take no lock and are async-signal-safe. See history.c for why that is right.
#ifndef RG_HEAP_HISTORY_H
#define RG_HEAP_HISTORY_H

#include "heap/view.h"

// How many packed blocks keep all of their details, about: whole views lose them.
void rg_history_init(size_t detailed_max);

// Packs the records of a retired view of small or page blocks, if they are not yet; under its CLASS lock. Takes the
// RECORDS lock. Without memory they stay as they are.
void rg_history_pack(struct rg_view *v);

// Reads the record of a unit of a packed view. False: no block was ever there. Undefined where the view's history is
// NULL.
bool rg_history_read(const struct rg_view *v, size_t unit, struct rg_block_facts *ret_facts);

// Of that only the stack that moved or released the block, or 0.
uint32_t rg_history_end_stack(const struct rg_view *v, size_t unit);

// The block that went from this unit has been freed at its next address. As above.
void rg_history_note_fate(struct rg_view *v, size_t unit, uint32_t stack, uint16_t thread);

struct rg_history_stats {
    size_t packed; // blocks
    size_t brief;  // of these, without details
};
struct rg_history_stats rg_history_stats(void);

// How many moved blocks of a packed view have a record.
size_t rg_history_count(const struct rg_view *v);

#endif
