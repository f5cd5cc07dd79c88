// SPDX-License-Identifier: MIT
// When realloc moves a block that would fit where it is. Lock-free, async-signal-safe; threads that ask at
// the same time may count as one.
#ifndef RG_FRONT_SITE_H
#define RG_FRONT_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether a call of realloc from this site (stack/capture.h) is to move its block, which gets that size, in any case, by
// option `move`. adaptive is the first calls, and then ever fewer of them, in stages: all, one in 65, one in 129 and so on.
// A stage is over when 1,024 pages were moved, which are 1,024 blocks where they are small. Of sites that share a
// number the calls are counted together.
bool rg_site_wants_move(uint16_t site, size_t size);

#endif
