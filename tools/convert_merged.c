// SPDX-License-Identifier: MIT
// Reads what convert --to json has written, so that it can be converted further and compared with.
#include "convert.h"
#include "convert_log.h"
#include "need.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FINGERPRINT_LEN = 16 };

static bool read_fingerprint(const struct rg_value *v, uint64_t *ret_fingerprint) {
    const char *text = rg_value_text(v, "fingerprint");
    if (!text || strncmp(text, "v1:", 3) != 0 || strlen(text + 3) != FINGERPRINT_LEN ||
        strspn(text + 3, "0123456789abcdef") != FINGERPRINT_LEN) {
        return false;
    }
    *ret_fingerprint = strtoull(text + 3, NULL, 16);
    return true;
}

static bool is_line_of_finding(const struct rg_value *v) {
    bool is_known = false;
    return v && !rg_event_check(v, &is_known) && is_known &&
           !strcmp(rg_value_text(v, "event"), "finding");
}

static const char *check_finding(const struct rg_value *v) {
    uint64_t number;
    const struct rg_value *places = rg_value_at(v, "places");
    if (!read_fingerprint(v, &number)) {
        return "has a finding without a fingerprint of version 1; make it anew with this "
               "realloc-guard";
    }
    if (!rg_value_number(v, "occurrences", &number) || !rg_value_number(v, "processes", &number) ||
        !places || places->type != RG_VALUE_ARRAY ||
        !is_line_of_finding(rg_value_at(v, "finding"))) {
        return "has a finding that is not whole; make it anew";
    }
    return NULL;
}

const char *rg_document_check(const struct rg_value *v) {
    uint64_t version;
    const struct rg_value *findings = rg_value_at(v, "findings");
    if (!findings || findings->type != RG_VALUE_ARRAY) {
        return "is JSON, but neither a log of format=json nor of convert --to=json; name one";
    }
    if (!rg_value_number(v, "version", &version) || version != 1) {
        return "is of a version of the format other than 1; make it anew with this realloc-guard";
    }
    for (const struct rg_value *f = findings->first; f; f = f->next) {
        const char *what = check_finding(f);
        if (what) {
            return what;
        }
    }
    return NULL;
}

// The finding's line, to be freed.
static char *line_of(const struct rg_value *finding) {
    char none[] = "";
    char *text = NULL;
    size_t len = 0;
    struct rg_conversion c = {.source_root = none};
    struct rg_writer w = {.file = rg_need_stream(&text, &len)};
    rg_conversion_write(&c, &w, NULL, finding);
    fclose(w.file);
    return text;
}

static double time_of(const struct rg_value *v, const char *key) {
    const struct rg_value *time = rg_value_at(v, key);
    return time && time->type == RG_VALUE_NUMBER ? strtod(time->text, NULL) : INFINITY;
}

static void add_finding(struct rg_merge *m, const struct rg_value *v) {
    uint64_t fingerprint = 0;
    const struct rg_value *finding = rg_value_at(v, "finding");
    read_fingerprint(v, &fingerprint);
    struct rg_merged *f = rg_merge_get(m, fingerprint, finding);
    struct rg_met met = {time_of(v, "first_time"), rg_value_number_or_0(finding, "pid"),
                         rg_value_number_or_0(finding, "number")};
    double last_time = time_of(v, "last_time");
    char *line = line_of(finding);
    rg_merged_meet(f, &met, rg_value_text(v, "program"), line);
    free(line);
    if (isfinite(last_time) && last_time > f->last_time) {
        f->last_time = last_time;
    }
    f->occurrences += rg_value_number_or_0(v, "occurrences");
    f->processes += rg_value_number_or_0(v, "processes");
    for (const struct rg_value *p = rg_value_at(v, "places")->first; p; p = p->next) {
        const char *place = rg_value_text(p, "place");
        size_t which = rg_merged_place(f, place ? place : "");
        f->places[which].occurrences += rg_value_number_or_0(p, "occurrences");
    }
    if (isfinite(met.time) && (m->first_time == 0 || met.time < m->first_time)) {
        m->first_time = met.time;
    }
}

static void add_errors(struct rg_merge *m, const struct rg_value *errors, uint64_t total) {
    uint64_t before = m->errors.total;
    for (const struct rg_value *e = errors ? errors->first : NULL; e; e = e->next) {
        const char *text = rg_value_text(e, "text");
        if (text) {
            rg_guard_errors_add(&m->errors, text, rg_value_text(e, "program"),
                                rg_value_number_or_0(e, "pid"), time_of(e, "time"));
        }
    }
    // More than are kept.
    if (before + total > m->errors.total) {
        m->errors.total = before + total;
    }
}

void rg_merge_document(struct rg_merge *m, const struct rg_value *document) {
    const struct rg_value *summary = rg_value_at(document, "summary");
    for (const struct rg_value *f = rg_value_at(document, "findings")->first; f; f = f->next) {
        add_finding(m, f);
    }
    m->processes += rg_value_number_or_0(summary, "processes");
    m->processes_with_findings += rg_value_number_or_0(summary, "processes_with_findings");
    m->occurrences += rg_value_number_or_0(summary, "occurrences");
    m->occurrences_not_kept += rg_value_number_or_0(summary, "occurrences_not_kept");
    m->lapsed += rg_value_number_or_0(summary, "lapsed");
    m->lost_lines += rg_value_number_or_0(summary, "lost_lines");
    add_errors(m, rg_value_at(document, "internal_errors"),
               rg_value_number_or_0(summary, "internal_errors"));
}
