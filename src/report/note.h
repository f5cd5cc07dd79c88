// SPDX-License-Identifier: MIT
// What the guard says about itself, a line each, in the format that is asked for. Async-signal-safe; errno is the
// caller's to save.
#ifndef RG_REPORT_NOTE_H
#define RG_REPORT_NOTE_H

#include "report/json_line.h"

// Writes "==PID== realloc_guard: TEXT", or the note. For machines with the REPORT lock held.
void rg_note_write(const struct rg_note *n);

#endif
