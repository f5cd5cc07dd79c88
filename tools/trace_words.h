// SPDX-License-Identifier: MIT
// What events of a trace are called. Pure.
#ifndef RG_TOOLS_TRACE_WORDS_H
#define RG_TOOLS_TRACE_WORDS_H

#include "trace/event.h"

// The function that was called: "malloc", "new[]".
const char *rg_trace_how_name(enum rg_trace_how how);

// "alloc", "free", "resize", "move", "forced-move", "failed".
const char *rg_trace_kind_name(enum rg_trace_event_kind kind);

#endif
