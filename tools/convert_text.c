// SPDX-License-Identifier: MIT
// convert --to text: the text report of each distinct finding, with what the guard of one process cannot know: how often
// and in how many processes it was met.
#include "convert.h"

#include "convert_fingerprint.h"
#include "text_out.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

enum { TIME_CAP = 64, PLACES_SHOWN = 8 };

static void put_time(FILE *out, double time) {
    time_t seconds = isfinite(time) && fabs(time) < 1e11 ? (time_t)time : 0;
    struct tm parts;
    char text[TIME_CAP];
    if (seconds > 0 && gmtime_r(&seconds, &parts) &&
        strftime(text, sizeof text, "%F %T", &parts) > 0) {
        fprintf(out, ", begun %s UTC", text);
    }
}

static void put_counts(FILE *out, const struct rg_merged *f) {
    fprintf(out, "  met %" PRIu64 " time%s in %" PRIu64 " process%s, first in %" PRIu64,
            f->occurrences, rg_plural(f->occurrences), f->processes, f->processes == 1 ? "" : "es",
            f->first.pid);
    if (f->program) {
        fputs(" (", out);
        rg_put_printable(out, f->program);
        fputs(")", out);
    }
    put_time(out, f->first.time);
    fprintf(out, "; fingerprint %s\n", rg_fingerprint_text(f->fingerprint).text);
    for (size_t i = 0; f->place_count > 1 && i < f->place_count; i++) {
        if (i == PLACES_SHOWN) {
            fprintf(out, "       and at %zu more lines\n", f->place_count - i);
            break;
        }
        fprintf(out, "       %" PRIu64 " of these at ", f->places[i].occurrences);
        rg_put_printable(out, f->places[i].place);
        fputs("\n", out);
    }
}

static void put_finding(FILE *out, const struct rg_merged *f, const struct rg_value *v) {
    fprintf(out, "==%" PRIu64 "== ", f->first.pid);
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

static void put_totals(const struct rg_conversion *c) {
    const struct rg_merge *m = &c->merge;
    FILE *out = c->out;
    fprintf(out,
            "realloc_guard: %zu distinct misuse%s (%" PRIu64 " occurrence%s) in %" PRIu64
            " of %" PRIu64 " process%s\n",
            m->count, rg_plural(m->count), m->occurrences, rg_plural(m->occurrences),
            m->processes_with_findings, m->processes, m->processes == 1 ? "" : "es");
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
    fputs("\n", out);
}

void rg_convert_text(struct rg_conversion *c) {
    put_totals(c);
    for (size_t i = 0; i < c->merge.count; i++) {
        put_finding(c->out, c->merge.findings[i], rg_conversion_read(c, c->merge.findings[i]));
    }
}
