// SPDX-License-Identifier: MIT
// The status that the process ends with.
#ifndef RG_FRONT_EXIT_H
#define RG_FRONT_EXIT_H

// The program's status, or option exitcode's if anything was reported in this process.
int rg_exit_status(int status);

#endif
