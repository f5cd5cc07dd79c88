// SPDX-License-Identifier: MIT
// When realloc moves a block that would fit where it is. Lock-free, async-signal-safe; threads that ask at
// the same time may count as one.
#ifndef RG_FRONT_SITE_H
#define RG_FRONT_SITE_H

#include <stdbool.h>
#include <stdint.h>

// Whether a call of realloc from this site (stack/capture.h) is to move its block in any case, by option
// `move`: adaptive is the first 1,024 calls and one in 64 after that, of sites that share a number together.
bool rg_site_wants_move(uint16_t site);

#endif
