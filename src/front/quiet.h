// SPDX-License-Identifier: MIT
// Whether nothing but the calling thread can change what a search of the memory is about to find, or has its registers.
#ifndef RG_FRONT_QUIET_H
#define RG_FRONT_QUIET_H

#include "base/compiler.h"

#include <stdint.h>

// How many threads there are, once those that are about to end have done so; 0: it cannot be told. Waits 50 ms at most.
RG_COLD long rg_quiet_threads(void);

// The signals that wait until they are not blocked any more, each of which may carry a pointer: bit N - 1 is signal N. All of
// them where that cannot be told. errno is kept.
RG_COLD uint64_t rg_quiet_signals(void);

#endif
