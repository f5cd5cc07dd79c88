// SPDX-License-Identifier: MIT
// Memory for the records of views. Addresses are never used twice: memory that is given back reads as zero from
// then on, so that a reader without a lock that comes late finds nothing, never another view's records.
// All functions are called with the RECORDS lock held.
#ifndef RG_HEAP_RECORD_MEMORY_H
#define RG_HEAP_RECORD_MEMORY_H

#include <stddef.h>

// What is given back at different times lies in different pages.
enum rg_records_form { RG_RECORDS_FULL, RG_RECORDS_DETAILED, RG_RECORDS_BRIEF, RG_RECORDS_FORMS };

// Zero-filled, 8-byte aligned. NULL when there is no memory.
void *rg_record_memory_take(enum rg_records_form form, size_t bytes);

// Gives back what was taken with this size. Its pages go as soon as nothing else lies in them.
void rg_record_memory_give(void *p, size_t bytes);

#endif
