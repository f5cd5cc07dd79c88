// SPDX-License-Identifier: MIT
// Places where realloc moved a block that the C library would have left where it was. Code that goes on with the old
// pointer works there by luck. Noted where the option luck asks for it, and told at the end.
#ifndef RG_REPORT_LUCK_H
#define RG_REPORT_LUCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether glibc's realloc leaves a block of old_size bytes in place for certain when it is asked for so many. It may do so
// for more, if what is behind the block happens to be free.
bool rg_luck_stays(size_t old_size, size_t size);

// The realloc with that stack (0: not known) moved such a block. Lock-free.
void rg_luck_note(uint32_t stack);

// Tells all places, the most frequent ones first, and forgets them. With the REPORT lock held.
void rg_luck_tell(void);

void rg_luck_after_fork(void);

#endif
