// SPDX-License-Identifier: MIT
// Large blocks: over 1 MiB, or aligned beyond a page. Each has a view of one unit, whole granules of
// address space, and private memory of its own. The addresses of a freed block are kept for a later one
// (with their memory, as long as reuse.h allows); those of a moved block are gone for ever.
//
// All functions take the LARGE lock unless they say otherwise.
#ifndef RG_HEAP_LARGE_H
#define RG_HEAP_LARGE_H

#include "heap/bin.h"

// A block of at least `size` bytes at a multiple of `align`. False: no memory. *ret_zeroed: its memory
// reads as zero.
bool rg_large_take(size_t size, size_t align, struct rg_slot *ret_slot, bool *ret_zeroed);

// Gives back a FREE block.
void rg_large_give(struct rg_view *v);

// The block was moved, and its addresses are sealed. Takes no lock.
void rg_large_vacated(struct rg_view *v);

// Memory of freed blocks, without that of the one that was freed last: programs free and allocate one and the same
// buffer in a loop. About (read without the lock).
size_t rg_large_kept_bytes(void);
// Drops the memory of the block that was freed longest ago. False: there is none but the last, or it cannot be
// dropped.
bool rg_large_drop_oldest(void);

// A block of `size` bytes that takes over the pages of the block in `old` instead of copying them, but for small
// pieces at its end; what was cut off is lost, what is added reads as zero. Beyond it `room` bytes of address space
// are kept for rg_large_extend, if they can be had. False: not possible, nothing changed. The old block's addresses
// are then mapped, to be sealed.
bool rg_large_take_over(struct rg_view *old, size_t size, size_t room, struct rg_slot *ret_slot);

// Makes room for `size` bytes where the block is, if its addresses reach so far; what is added reads as zero. False:
// not possible, nothing changed. Takes no lock: the block is the caller's own.
bool rg_large_extend(struct rg_view *v, size_t size);

// Bytes that the block can hold where it is.
size_t rg_large_capacity(const struct rg_view *v);

// Edges: blocks of a few pages at most that end, but for what is lacking to a multiple of 16 bytes, where inaccessible
// memory begins. A bounded number, since each takes two mappings.
//
// A slot for `size` bytes, with as many inaccessible ones behind it as `tail` says, if they are not too many. False: none
// can be had, or it would be too large.
bool rg_large_take_edge(size_t size, size_t tail, struct rg_slot *ret_slot);
bool rg_large_is_edge(const struct rg_view *v);
// Calls fn for each that there has been, with the LARGE lock held.
void rg_large_each_edge(void (*fn)(struct rg_view *v, void *arg), void *arg);
// The option edges: how many there may be. Set before the first.
extern unsigned rg_large_edges_max;

// Whether the address lies behind the memory of the block, where nothing will be but what it may grow by. Takes no lock,
// and may answer wrongly while the block is growing.
bool rg_large_is_behind(const struct rg_view *v, uintptr_t address);

#endif
