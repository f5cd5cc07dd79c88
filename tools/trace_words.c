// SPDX-License-Identifier: MIT
// See trace_words.h.
#include "trace_words.h"

const char *rg_trace_how_name(enum rg_trace_how how) {
    static const char *const names[RG_TRACE_HOWS + 1] = {[RG_TRACE_BY_MALLOC] = "malloc",
                                                         [RG_TRACE_BY_CALLOC] = "calloc",
                                                         [RG_TRACE_BY_REALLOC] = "realloc",
                                                         [RG_TRACE_BY_ALIGNED] = "memalign",
                                                         [RG_TRACE_BY_NEW] = "new",
                                                         [RG_TRACE_BY_NEW_ARRAY] = "new[]",
                                                         [RG_TRACE_BY_FREE] = "free",
                                                         [RG_TRACE_BY_DELETE] = "delete",
                                                         [RG_TRACE_BY_DELETE_ARRAY] = "delete[]",
                                                         [RG_TRACE_HOWS] = "lost free"};
    return (unsigned)how <= RG_TRACE_HOWS ? names[how] : "?";
}

const char *rg_trace_kind_name(enum rg_trace_event_kind kind) {
    static const char *const names[RG_TRACE_EVENT_KINDS] = {[RG_TRACE_ALLOC] = "alloc",
                                                            [RG_TRACE_FREE] = "free",
                                                            [RG_TRACE_RESIZE] = "resize",
                                                            [RG_TRACE_MOVE] = "move",
                                                            [RG_TRACE_FORCED_MOVE] = "forced-move",
                                                            [RG_TRACE_FAILED] = "failed"};
    return kind > 0 && kind < RG_TRACE_EVENT_KINDS ? names[kind] : "?";
}
