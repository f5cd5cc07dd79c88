// SPDX-License-Identifier: MIT
// convert --to json: one document, which docs/merged.schema.json describes.
#include "convert.h"

#include "convert_fingerprint.h"
#include "json_writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// A finite double has 309 digits before the point at most.
enum { TIME_CAP = 320 };

static void write_time(struct rg_writer *w, const char *key, double time) {
    if (isfinite(time)) {
        char text[TIME_CAP];
        snprintf(text, sizeof text, "%.3f", time);
        rg_write_raw(w, key, text);
    }
}

void rg_conversion_write(const struct rg_conversion *c, struct rg_writer *w, const char *key,
                         const struct rg_value *v) {
    static const char *const words[] = {
        [RG_VALUE_NULL] = "null", [RG_VALUE_FALSE] = "false", [RG_VALUE_TRUE] = "true"};
    bool is_object = v->type == RG_VALUE_OBJECT;
    if (v->type == RG_VALUE_STRING) {
        bool is_file = key && !strcmp(key, "file");
        char *path = is_file ? rg_conversion_path(c, v->text) : NULL;
        rg_write_text(w, key, path ? path : v->text);
        free(path);
    } else if (is_object || v->type == RG_VALUE_ARRAY) {
        rg_write_open(w, key, is_object ? '{' : '[');
        for (const struct rg_value *item = v->first; item; item = item->next) {
            rg_conversion_write(c, w, item->key, item);
        }
        rg_write_close(w, is_object ? '}' : ']');
    } else {
        rg_write_raw(w, key, v->type == RG_VALUE_NUMBER ? v->text : words[v->type]);
    }
}

static void write_finding(struct rg_conversion *c, struct rg_writer *w, const struct rg_merged *f) {
    rg_write_open(w, NULL, '{');
    rg_write_text(w, "fingerprint", rg_fingerprint_text(f->fingerprint).text);
    rg_write_number(w, "occurrences", f->occurrences);
    rg_write_number(w, "processes", f->processes);
    write_time(w, "first_time", f->first.time);
    write_time(w, "last_time", f->last_time);
    if (f->program) {
        rg_write_text(w, "program", f->program);
    }
    rg_write_open(w, "places", '[');
    for (size_t i = 0; i < f->place_count; i++) {
        rg_write_open(w, NULL, '{');
        if (*f->places[i].place) {
            rg_write_text(w, "place", f->places[i].place);
        }
        rg_write_number(w, "occurrences", f->places[i].occurrences);
        rg_write_close(w, '}');
    }
    rg_write_close(w, ']');
    rg_conversion_write(c, w, "finding", rg_conversion_read(c, f));
    rg_write_close(w, '}');
}

static void write_errors(struct rg_writer *w, const struct rg_guard_errors *errors) {
    if (errors->count == 0) {
        return;
    }
    rg_write_open(w, "internal_errors", '[');
    for (size_t i = 0; i < errors->count; i++) {
        const struct rg_guard_error *e = &errors->items[i];
        rg_write_open(w, NULL, '{');
        rg_write_number(w, "pid", e->pid);
        write_time(w, "time", e->time);
        if (e->program) {
            rg_write_text(w, "program", e->program);
        }
        rg_write_text(w, "text", e->text);
        rg_write_close(w, '}');
    }
    rg_write_close(w, ']');
}

void rg_convert_json(struct rg_conversion *c) {
    const struct rg_merge *m = &c->merge;
    struct rg_writer w = {.file = c->out};
    rg_write_open(&w, NULL, '{');
    rg_write_number(&w, "version", 1);
    rg_write_text(&w, "generator", "realloc-guard " RG_VERSION);
    rg_write_open(&w, "summary", '{');
    rg_write_number(&w, "findings", m->count);
    rg_write_number(&w, "occurrences", m->occurrences);
    rg_write_positive(&w, "occurrences_not_kept", m->occurrences_not_kept);
    rg_write_number(&w, "processes", m->processes);
    rg_write_number(&w, "processes_with_findings", m->processes_with_findings);
    rg_write_positive(&w, "lapsed", m->lapsed);
    rg_write_positive(&w, "lost_lines", m->lost_lines);
    rg_write_positive(&w, "internal_errors", m->errors.total);
    rg_write_positive(&w, "damaged_lines", c->damaged_lines);
    rg_write_positive(&w, "unread_files", c->unread_files);
    rg_write_positive(&w, "cut_logs", c->cut_logs);
    rg_write_close(&w, '}');
    rg_write_open(&w, "findings", '[');
    for (size_t i = 0; i < m->count; i++) {
        write_finding(c, &w, m->findings[i]);
    }
    rg_write_close(&w, ']');
    write_errors(&w, &m->errors);
    rg_write_close(&w, '}');
    rg_write_end(&w);
}
