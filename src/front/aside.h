// SPDX-License-Identifier: MIT
// Standing aside. Where the program's malloc is not the guard's (another one comes first in the loader's
// search, or Valgrind has put its own in place) nothing can be checked: then the guard says so once, installs
// nothing, and passes on to the C library what reaches it all the same. Decided once: at the first
// allocation that reaches the guard, or in its constructor, before any block of its own exists.
#ifndef RG_FRONT_ASIDE_H
#define RG_FRONT_ASIDE_H

#include <stdbool.h>

// Whether the program runs on Valgrind's processor, which knows neither the mappings nor the trap flag
// that the guard works with.
bool rg_aside_is_on_valgrind(void);

// In the constructor: whether calls of malloc and realloc, as the program makes them, end in the guard's.
// Where the loader's search leads elsewhere it tries them, since a profiler's malloc may be a wrapper
// around the guard's; so this may call rg_init.
bool rg_aside_is_reached(void);

// Says once, where reports go, why nothing is checked and what to do.
void rg_aside_say(void);

#endif
