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
// Returns its handle, above 0 if it is kept. Where it is reported the process is to end if halt_on_error says so, for
// which there is the next function.
unsigned rg_report(struct rg_finding *f);

// Ends the process by SIGABRT if halt_on_error asks for it. Without the REPORT lock.
void rg_report_halt_if_asked(void);

// Tells what is known of the address of a finding that has been diagnosed, to where reports go, or where `ret_text` is not NULL,
// in RG_TOLD_MOST bytes there. Returns the length of the text.
size_t rg_report_describe(const struct rg_finding *f, char *ret_text);

// Whether the REPORT lock, and those that a report takes, are free or come free at once. Otherwise rg_report_describe may
// wait for a thread that a debugger has stopped.
bool rg_report_can_describe(void);

// Counts one more of the finding with this handle. Returns whether that is to be told by rg_report_tell_again; any stack will
// do for this one.
bool rg_report_again(unsigned handle);
void rg_report_tell_again(unsigned handle);

// Misuses reported in this process (not in its parent), distinct ones, without those that are suppressed.
unsigned rg_report_count(void);

// The same, as far as it is known without waiting for a report that is being made. Lock-free.
unsigned rg_report_count_so_far(void);

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
