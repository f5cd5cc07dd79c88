// SPDX-License-Identifier: MIT
// The card of a finding, see convert_html.h: where and what it is in a line, and below that all that is known.
#include "convert_html.h"

#include "convert_facts.h"
#include "convert_fingerprint.h"
#include "html_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES_SHOWN = 8 };

// How grave it is, for the colour.
static const char *class_of(const struct rg_value *v) {
    const char *operation = rg_value_text(v, "operation");
    const char *trouble = rg_value_text(v, "trouble");
    if (!strcmp(operation, "write") || !strcmp(operation, "execution") ||
        !strcmp(trouble, "overrun")) {
        return "writes";
    }
    return !strcmp(operation, "read") ? "reads" : "calls";
}

// Of the source file and line, or what else says where.
static void put_where(const struct rg_html *page, const struct rg_value *v,
                      const struct rg_value *frame, const char *path) {
    FILE *out = page->out;
    const struct rg_value *other = rg_finding_frame(v);
    const char *place = rg_value_text(v, "place");
    if (frame) {
        rg_html_put(out, path);
        fprintf(out, ":%" PRIu64, rg_value_number_or_0(frame, "line"));
    } else if (place) {
        rg_html_put(out, place);
    } else if (rg_value_text(other, "function")) {
        rg_html_put(out, rg_value_text(other, "function"));
    } else {
        fputs("(nothing is known of where)", out);
    }
}

static void put_summary(const struct rg_html *page, const struct rg_merged *f,
                        const struct rg_value *v, const struct rg_value *frame, const char *path) {
    FILE *out = page->out;
    fputs("<summary><h3><span class=\"where\">", out);
    put_where(page, v, frame, path);
    fputs("</span> <span class=\"title\">", out);
    rg_html_put(out, rg_value_text(v, "title"));
    fputs("</span> <span class=\"times\">", out);
    rg_html_put_count(out, f->occurrences, "time", "times");
    fputs("</span></h3><span class=\"message\">", out);
    rg_html_put(out, rg_value_text(v, "message"));
    fputs("</span></summary>\n", out);
}

static void put_note(FILE *out, const char *class, const char *name, const char *text) {
    if (text) {
        fprintf(out, "<p class=\"note %s\"><b>%s</b> ", class, name);
        rg_html_put(out, text);
        fputs("</p>\n", out);
    }
}

static void put_met(FILE *out, const struct rg_merged *f) {
    fputs("<div><dt>Met</dt><dd>", out);
    rg_html_put_count(out, f->occurrences, "time", "times");
    fputs(" in ", out);
    rg_html_put_count(out, f->processes, "process", "processes");
    fputs("</dd>", out);
    for (size_t i = 0; f->place_count > 1 && i < f->place_count; i++) {
        if (i == PLACES_SHOWN) {
            fprintf(out, "<dd class=\"quiet\">and at %zu more lines</dd>", f->place_count - i);
            break;
        }
        fprintf(out, "<dd>%" PRIu64 " of these at <code>", f->places[i].occurrences);
        rg_html_put(out, *f->places[i].place ? f->places[i].place : "an unknown place");
        fputs("</code></dd>", out);
    }
    fputs("</div>\n", out);
}

static void put_run(FILE *out, const struct rg_run *run) {
    struct rg_time_text begun;
    fprintf(out, "<dd>%" PRIu64, run->pid);
    if (rg_time_text(run->time, "%F %T", &begun)) {
        fprintf(out, ", begun %s UTC", begun.text);
    }
    if (run->command && *run->command) {
        fputs(": <code>", out);
        rg_html_put(out, run->command);
        fputs("</code>", out);
    }
    fputs("</dd>", out);
}

static void put_runs(const struct rg_html *page, const struct rg_merged *f) {
    const struct rg_finding_runs *met = rg_runs_of(&page->c->runs, f->fingerprint);
    FILE *out = page->out;
    if (!met) {
        const struct rg_run first = {.pid = f->first.pid, .time = f->first.time};
        fputs("<div><dt>First in</dt>", out);
        put_run(out, &first);
        fputs("</div>\n", out);
        return;
    }
    fprintf(out, "<div><dt>%s</dt>", met->count == 1 ? "Process" : "Processes");
    for (size_t i = 0; i < met->count; i++) {
        put_run(out, met->runs[i]);
    }
    if (f->processes > met->count) {
        fputs("<dd class=\"quiet\">and ", out);
        rg_html_put_count(out, f->processes - met->count, "later one", "later ones");
        fputs("</dd>", out);
    }
    fputs("</div>\n", out);
}

static void put_facts(const struct rg_html *page, const struct rg_merged *f,
                      const struct rg_value *v) {
    struct rg_fingerprint_text fingerprint = rg_fingerprint_text(f->fingerprint);
    FILE *out = page->out;
    fputs("<dl class=\"facts\">\n", out);
    put_met(out, f);
    put_runs(page, f);
    fputs("<div><dt>Kind</dt><dd><code>", out);
    rg_html_put(out, rg_value_text(v, "kind"));
    fprintf(out,
            "</code></dd></div>\n<div><dt>Fingerprint</dt><dd><code>%s</code> <a "
            "href=\"#f-%016" PRIx64 "\">link to this card</a></dd></div>\n</dl>\n",
            fingerprint.text, f->fingerprint);
}

void rg_html_put_card(struct rg_html *page, const struct rg_html_finding *finding, bool is_open) {
    const struct rg_merged *f = finding->merged;
    const struct rg_value *v = rg_conversion_read(page->c, f);
    const struct rg_value *frame = rg_finding_source_frame(v);
    char *path = frame ? rg_html_path(page, frame) : NULL;
    FILE *out = page->out;
    page->run_time = f->first.time;
    fprintf(out,
            "<article class=\"card %s\" id=\"f-%016" PRIx64 "\" data-times=\"%" PRIu64
            "\" data-kind=\"",
            class_of(v), f->fingerprint, f->occurrences);
    rg_html_put(out, finding->kind);
    if (path) {
        fputs("\" data-file=\"", out);
        rg_html_put(out, path);
    }
    fprintf(out, "\"><details%s>\n", is_open ? " open" : "");
    put_summary(page, f, v, frame, path);
    fputs("<div class=\"body\">\n", out);
    put_note(out, "advice", "What to do:", rg_value_text(v, "advice"));
    put_note(out, "hint", "Why it may seem to work:", rg_value_text(v, "hint"));
    rg_html_put_steps(page, v);
    if (!page->is_brief) {
        rg_html_put_life(page, v);
    }
    put_facts(page, f, v);
    fputs("</div>\n</details></article>\n", out);
    free(path);
}
