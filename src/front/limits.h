// SPDX-License-Identifier: MIT
// What a program does to limit itself, and what the guard must have done before.
#ifndef RG_FRONT_LIMITS_H
#define RG_FRONT_LIMITS_H

// The program is about to enter a sandbox (a filter of system calls, another root): what the guard wants of
// the file system is fetched now, and calls that it would make for speed only are made no more.
void rg_limits_enter_sandbox(void);

#endif
