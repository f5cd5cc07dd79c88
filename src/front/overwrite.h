// SPDX-License-Identifier: MIT
// What a function does first with the result of a call: whether it stores it, and where to.
#ifndef RG_FRONT_OVERWRITE_H
#define RG_FRONT_OVERWRITE_H

#include "stack/walk.h"

#include <stdint.h>

// Reads the instructions that the caller goes on with, as far as they do nothing but move words; registers: the callee-saved
// ones as the caller has them. Returns where the result of the call will be stored, all 8 bytes of it, or 0. A place that
// is told by the stack pointer does not count: an optimizing compiler keeps there what it has no register for, and one value
// after the other. No lock; nothing is changed.
uintptr_t rg_overwrite_find(const struct rg_caller *caller,
                            const uintptr_t registers[RG_SAVED_COUNT]);

#endif
