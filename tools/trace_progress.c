// SPDX-License-Identifier: MIT
// See trace_progress.h.
#include "trace_progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void rg_trace_progress_begin(struct rg_trace_progress *p, bool is_wanted) {
    const char *term = getenv("TERM");
    *p = (struct rg_trace_progress){.is_wanted = is_wanted && isatty(2) && term && *term &&
                                                 strcmp(term, "dumb") != 0};
    clock_gettime(CLOCK_MONOTONIC, &p->said);
}

void rg_trace_progress_step(struct rg_trace_progress *p, const struct rg_trace_reader *r) {
    struct timespec now;
    if (!p->is_wanted) {
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    const double seconds =
        (double)(now.tv_sec - p->said.tv_sec) + 1e-9 * (double)(now.tv_nsec - p->said.tv_nsec);
    if (seconds < (p->is_shown ? 0.2 : 1.0)) {
        return;
    }
    const uint64_t bytes = rg_trace_reader_info(r)->file_bytes;
    const double share = bytes ? (double)rg_trace_reader_position(r) / (double)bytes : 0;
    fprintf(stderr, "\r\033[Kreading: %.0f %%", 100 * share);
    p->said = now;
    p->is_shown = true;
}

void rg_trace_progress_end(struct rg_trace_progress *p) {
    if (p->is_shown) {
        fputs("\r\033[K", stderr);
    }
}
