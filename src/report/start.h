// SPDX-License-Identifier: MIT
// The first line of each process in a report for machines: which program this is. It is written before anything else
// is, and not at all where nothing is. Async-signal-safe.
#ifndef RG_REPORT_START_H
#define RG_REPORT_START_H

#include <stddef.h>

// Notes what is known of the process now and may not be later.
void rg_start_init(void);

// In a forked child: it has a line of its own.
void rg_start_after_fork(void);

// The process id, also in a sandbox where that cannot be asked for.
int rg_start_pid(void);

// Writes the line, once, by way of the buffer. With the REPORT lock held, but where the guard itself has crashed.
void rg_start_write_once(char *buffer, size_t cap);

#endif
