// SPDX-License-Identifier: MIT
// See trace_realloc.h: the wording.
#include "need.h"
#include "trace_realloc.h"
#include "trace_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

bool rg_trace_realloc_is_costly(const struct rg_trace_realloc_site *s) {
    const bool is_frequent = s->longest.steps >= 8 && s->grew >= 8;
    return is_frequent && s->growth != RG_TRACE_GROWS_BY_FACTOR &&
           s->copied_at_most >= 2 * s->copied_if_doubled && s->copied_at_most > 4096;
}

// What doubling would have saved.
static char *gain_text(const struct rg_trace_realloc_site *s) {
    const double times =
        s->copied_if_doubled ? (double)s->copied_at_most / (double)s->copied_if_doubled : 0;
    char *less = times >= 1.05
                     ? rg_need_text("would copy %.*f times less", times < 10 ? 1 : 0, times)
                     : rg_need_copy("would copy next to nothing");
    char *text = rg_need_text("doubling %s, in %s call%s instead of %s", less,
                              rg_count_text(s->calls_if_doubled).text,
                              s->calls_if_doubled == 1 ? "" : "s", rg_count_text(s->grew).text);
    free(less);
    return text;
}

static char *stepwise_text(const struct rg_trace_realloc_site *s) {
    const char *how = s->growth == RG_TRACE_GROWS_BY_STEP ? "at a time" : "at a time on average";
    if (!rg_trace_realloc_is_costly(s)) {
        return rg_need_text("grows by %s %s", rg_bytes_text(s->step).text, how);
    }
    char *gain = gain_text(s);
    char *text = rg_need_text("grows by %s %s: quadratic copying; %s", rg_bytes_text(s->step).text,
                              how, gain);
    free(gain);
    return text;
}

char *rg_trace_realloc_advice(const struct rg_trace_realloc_site *s) {
    switch (s->growth) {
    case RG_TRACE_GROWS_NEVER:
        return rg_need_copy(s->shrank == 0          ? "keeps the size"
                            : s->shrank == s->calls ? "only shrinks"
                                                    : "shrinks, or keeps the size");
    case RG_TRACE_GROWS_ONCE:
        return rg_need_text("grows a block hardly more than once, by %s on average",
                            rg_bytes_text(s->grown_bytes / s->grew).text);
    case RG_TRACE_GROWS_BY_FACTOR:
        return rg_need_text("grows by a factor of %.3g: fine", s->factor);
    case RG_TRACE_GROWS_BY_STEP:
    case RG_TRACE_GROWS_UNEVENLY:
        break;
    }
    return stepwise_text(s);
}

char *rg_trace_ladder_text(const struct rg_trace_ladder *l) {
    char *text;
    size_t len;
    FILE *out = rg_need_stream(&text, &len);
    const uint64_t sizes = l->steps + 1;
    const uint64_t first = sizes < RG_TRACE_LADDER_FIRST ? sizes : RG_TRACE_LADDER_FIRST;
    for (uint64_t i = 0; i < first; i++) {
        fprintf(out, "%s%" PRIu64, i ? ", " : "", l->first[i]);
    }
    if (sizes > RG_TRACE_LADDER_FIRST + RG_TRACE_LADDER_LAST) {
        fputs(", ...", out);
    }
    const uint64_t behind = sizes - first;
    const uint64_t last = behind < RG_TRACE_LADDER_LAST ? behind : RG_TRACE_LADDER_LAST;
    for (uint64_t i = RG_TRACE_LADDER_LAST - last; i < RG_TRACE_LADDER_LAST; i++) {
        fprintf(out, ", %" PRIu64, l->last[i]);
    }
    fclose(out);
    return text;
}
