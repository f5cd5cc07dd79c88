// SPDX-License-Identifier: MIT
// How often each stack has called realloc: option count_realloc. The file is what says which calls fail_realloc can make
// fail.
#ifndef RG_FRONT_CENSUS_H
#define RG_FRONT_CENSUS_H

#include <stdbool.h>
#include <stdint.h>

// Works the file's name out. False: the option is not set.
bool rg_census_init(void);

// Counts a call with that stack, if the option is set. No lock but those of the depot.
void rg_census_count(uint32_t stack);

// At the end of the process: appends to the file, once, a line for each distinct stack of the 8 innermost frames,
// CALLS\tPATH+0xOFFSET\tPATH+0xOFFSET..., the innermost one first, with a backslash before t, n and
// backslash for those in PATH. A frame in no object is ?+0xADDRESS.
void rg_census_write(void);

// In a forked child: count from zero.
void rg_census_after_fork(void);

#endif
