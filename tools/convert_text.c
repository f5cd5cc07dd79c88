// SPDX-License-Identifier: MIT
// convert --to text: the text report of each distinct finding, with what the guard of one process cannot know: how often
// and in how many processes it was met.
#include "convert.h"

#include "convert_facts.h"
#include "convert_fingerprint.h"
#include "text_out.h"

#include <inttypes.h>
#include <stdlib.h>

static void put_counts(FILE *out, const struct rg_merged *f) {
    struct rg_time_text begun;
    fputs("  ", out);
    rg_put_met(out, f);
    fprintf(out, "; first in %" PRIu64, f->first.pid);
    if (f->program) {
        fputs(" (", out);
        rg_put_printable(out, f->program);
        fputs(")", out);
    }
    if (rg_time_text(f->first.time, "%F %T", &begun)) {
        fprintf(out, ", begun %s UTC", begun.text);
    }
    fprintf(out, "; fingerprint %s\n", rg_fingerprint_text(f->fingerprint).text);
}

void rg_convert_text_report(FILE *out, const struct rg_merged *f, const struct rg_value *v) {
    rg_put_printable(out, rg_value_text(v, "title"));
    fputs(": ", out);
    rg_put_printable(out, rg_value_text(v, "message"));
    fputs("\n", out);
    put_counts(out, f);
    rg_convert_text_body(out, v);
    fputs("  advice: ", out);
    rg_put_printable(out, rg_value_text(v, "advice"));
    fputs("\n\n", out);
}

void rg_convert_text_finding(struct rg_conversion *c, const struct rg_merged *f) {
    fprintf(c->out, "==%" PRIu64 "== ", f->first.pid);
    rg_convert_text_report(c->out, f, rg_conversion_read(c, f));
}

static void put_errors(FILE *out, const struct rg_guard_errors *errors) {
    for (size_t i = 0; i < errors->count; i++) {
        char *title = rg_guard_error_title(&errors->items[i]);
        fputs("realloc_guard: ", out);
        rg_put_printable(out, title);
        fputs("; please report it with these lines:\n", out);
        rg_put_printable_lines(out, "    ", errors->items[i].text);
        free(title);
    }
    if (errors->total > errors->count) {
        fprintf(out, "realloc_guard: and %" PRIu64 " more\n", errors->total - errors->count);
    }
}

static void put_totals(const struct rg_conversion *c) {
    const struct rg_merge *m = &c->merge;
    FILE *out = c->out;
    fprintf(out,
            "realloc_guard: %zu distinct misuse%s (%" PRIu64 " occurrence%s) in %" PRIu64
            " process%s\n",
            m->count, rg_plural(m->count), m->occurrences, rg_plural(m->occurrences),
            m->processes_with_findings, m->processes_with_findings == 1 ? "" : "es");
    if (m->occurrences_not_kept > 0) {
        fprintf(out,
                "realloc_guard: %" PRIu64 " more occurrence%s of which the reports are missing\n",
                m->occurrences_not_kept, rg_plural(m->occurrences_not_kept));
    }
    if (m->lapsed > 0) {
        fprintf(out,
                "realloc_guard: %" PRIu64
                " block%s could not be sealed; uses of those were not seen\n",
                m->lapsed, rg_plural(m->lapsed));
    }
    put_errors(out, &m->errors);
    fputs("\n", out);
}

void rg_convert_text(struct rg_conversion *c) {
    put_totals(c);
    for (size_t i = 0; i < c->merge.count; i++) {
        rg_convert_text_finding(c, c->merge.findings[i]);
    }
}
