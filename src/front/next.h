// SPDX-License-Identifier: MIT
// The functions that ours stand in front of. Each file finds its own in a constructor, where nothing can
// hold the loader's lock against us; a call before that finds them then.
#ifndef RG_FRONT_NEXT_H
#define RG_FRONT_NEXT_H

// The function of this name after ours, in the C library or in a library preloaded behind us, in its default
// version. Stores it in *next, a pointer to a function: NULL when there is none.
void rg_find_next(const char *name, void *next);

#endif
