// SPDX-License-Identifier: MIT
// Reporting: each distinct misuse once, repetitions counted, a summary at the end. Text is made without
// malloc, stdio, or any lock that the program could hold; one report at a time, under the REPORT lock.
// Async-signal-safe on a stack of at least 32 KiB; errno is the caller's to save.
#ifndef RG_REPORT_REPORT_H
#define RG_REPORT_REPORT_H

#include "base/compiler.h"
#include "report/finding.h"

#include <stdbool.h>

// Options and environment are known: decide on colour and where to write.
void rg_report_init(const char *const *environment);

// Reports the finding, counts one more of a known one, or only counts it where it is suppressed, which it notes in f.
// Returns its handle, above 0 if it is kept. With halt_on_error the process ends here by SIGABRT if it was reported.
unsigned rg_report(struct rg_finding *f);

// Counts one more of the finding with this handle. Returns whether that is to be told by rg_report_tell_again; any stack will
// do for this one.
bool rg_report_again(unsigned handle);
void rg_report_tell_again(unsigned handle);

// Misuses reported in this process (not in its parent), distinct ones, without those that are suppressed.
unsigned rg_report_count(void);

// Writes the closing line, once, if anything was reported, suppressed or lapsed.
void rg_report_summary(void);

// Writes one line about the guard itself to where reports go: "==PID== realloc_guard: TEXT". Without the REPORT lock.
void rg_report_say(const char *format, ...) RG_PRINTF_LIKE(1, 2);

// Writes some lines on a bug of the guard's own, as they are or as one note; without a lock, since the thread may hold
// any. Only one thread may come here.
void rg_report_crash(const char *what);

// Says that the realloc with that stack to so many bytes fails, since fail_realloc asks for it.
void rg_report_failing(uint32_t stack, size_t size);

// In a forked child: count from zero.
void rg_report_after_fork(void);

#endif
