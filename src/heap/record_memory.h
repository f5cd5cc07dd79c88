// SPDX-License-Identifier: MIT
// Memory for the records of views, in full and packed. All functions are called with the RECORDS lock held.
#ifndef RG_HEAP_RECORD_MEMORY_H
#define RG_HEAP_RECORD_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

// Packed records are given back in the order in which they were taken, each form at its time, so each has pages of its
// own.
enum rg_records_form { RG_RECORDS_DETAILED, RG_RECORDS_BRIEF };

// Zero-filled, 8-byte aligned. NULL when there is no memory.
void *rg_record_memory_take(enum rg_records_form form, size_t bytes);

// Gives back what was taken with this size. Its pages go as soon as nothing else lies in them; its addresses are never
// used again, so a reader or writer without a lock that comes late does no harm.
void rg_record_memory_give(void *p, size_t bytes);

// The same for what comes and goes in any order, views' records in full: its pages would hardly ever be free of others.
// Here memory is used again, for the same size and in the order in which it was given back, unless may_be_used_again is
// false; whoever reads without a lock must find out.
void *rg_record_memory_take_cyclic(size_t bytes);
void rg_record_memory_give_cyclic(void *p, size_t bytes, bool may_be_used_again);

#endif
