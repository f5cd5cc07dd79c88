// SPDX-License-Identifier: MIT
// Where reports go: a file descriptor or a file, as log_path says. Opened for each report and closed
// again, so the program never sees or closes a descriptor of ours. Async-signal-safe.
#ifndef RG_REPORT_SINK_H
#define RG_REPORT_SINK_H

#include <stdbool.h>
#include <stddef.h>

// Works log_path out: %p, %q{VAR}, a .PID appended where the name has no %p and is not that of something that
// exists and is no regular file. Called in the constructor with the environment at hand, and again in a forked
// child, whose pid differs. What is wrong with it is said once, on standard error.
void rg_sink_init(const char *const *environment);
void rg_sink_after_fork(void);

// Writes a whole report or line in one go. A file that cannot be opened or written (its file system is full)
// is named once on standard error, and the text goes there; where that is closed or has become a data file of the program's, the
// text goes to realloc_guard.PID.log in the working directory.
void rg_sink_write(const char *text, size_t len);

// How many lines were lost, since nobody read them or they could not be written. The next text that can be
// written is preceded by the number of those that are missing there.
size_t rg_sink_lost(void);

// Whether reports go to a file of their own.
bool rg_sink_is_file(void);

// Whether the text ends on a terminal (for color=auto).
bool rg_sink_is_terminal(void);

// For tests: gets every text instead, while set.
void rg_sink_set(void (*fn)(const char *text, size_t len));

#endif
