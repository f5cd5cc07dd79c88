// SPDX-License-Identifier: MIT
// See failures_progress.h.
#include "failures_progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char clear_line[] = "\r\033[K";

void rg_progress_begin(struct rg_progress *p, FILE *out) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    bool can = term && *term && strcmp(term, "dumb") != 0;
    *p = (struct rg_progress){.out = out};
    p->rewrites = isatty(fileno(out)) && can && !(no_color && *no_color);
}

// A line that wraps could not be taken back.
static int terminal_width(const struct rg_progress *p) {
    struct winsize size;
    bool is_known = ioctl(fileno(p->out), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return is_known ? size.ws_col - 1 : 79;
}

void rg_progress_say(struct rg_progress *p, const char *what) {
    if (p->rewrites) {
        fprintf(p->out, "%s%.*s", clear_line, terminal_width(p), what);
    } else {
        fprintf(p->out, "%s\n", what);
    }
    fflush(p->out);
}

void rg_progress_step(struct rg_progress *p, const struct rg_case *cases, size_t count,
                      const struct rg_case *over) {
    char line[1000];
    p->done++;
    if (p->rewrites) {
        char *sums = rg_table_sums(cases, count);
        snprintf(line, sizeof line, "%zu of %zu runs: %s", p->done, p->total, sums);
        free(sums);
    } else {
        const char *detail = over->result.detail;
        snprintf(line, sizeof line, "[%zu/%zu] %s: %s%s%s", p->done, p->total, over->label,
                 rg_outcome_word(over->result.outcome), *detail ? ", " : "", detail);
    }
    rg_progress_say(p, line);
}

void rg_progress_end(struct rg_progress *p) {
    if (p->rewrites) {
        fputs(clear_line, p->out);
        fflush(p->out);
    }
}
