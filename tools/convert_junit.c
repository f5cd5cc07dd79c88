// SPDX-License-Identifier: MIT
// convert --to junit: a test suite as Jenkins and GitLab read it, in which each distinct misuse is a test that failed.
// Names hold no line, so that a test is the same one in the next build; nor attributes that Jenkins' schema does not know.
#include "convert.h"

#include "convert_facts.h"
#include "convert_fingerprint.h"
#include "need.h"
#include "xml_writer.h"

#include <inttypes.h>
#include <stdlib.h>

// The function, or what else is known of the place. To be freed.
static char *name_of(const struct rg_merged *f, const struct rg_value *v) {
    const struct rg_value *frame = rg_finding_frame(v);
    const char *function = rg_value_text(frame, "function");
    const char *file = rg_value_text(frame, "file");
    const char *module = rg_value_text(frame, "module");
    const char *where = file ? rg_base_name(file) : module ? rg_base_name(module) : NULL;
    struct rg_fingerprint_text fingerprint = rg_fingerprint_text(f->fingerprint);
    if (function && where) {
        return rg_need_text("%s (%s) %s", function, where, fingerprint.text);
    }
    const char *what = function ? function : where ? where : "an unknown place";
    return rg_need_text("%s %s", what, fingerprint.text);
}

static char *body_of(const struct rg_merged *f, const struct rg_value *v) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = rg_need_stream(&text, &len);
    fprintf(out, "\n%s: %s\n  ", rg_value_text(v, "title"), rg_value_text(v, "message"));
    rg_put_met(out, f);
    fputs("\n", out);
    rg_convert_text_body(out, v);
    fprintf(out, "  advice: %s\n", rg_value_text(v, "advice"));
    fclose(out);
    return text;
}

static void put_finding(struct rg_xml *x, const struct rg_merged *f, const struct rg_value *v) {
    char *name = name_of(f, v);
    char *body = body_of(f, v);
    char *class = rg_need_text("realloc_guard.%s", rg_value_text(v, "kind"));
    rg_xml_open(x, "testcase");
    rg_xml_attribute(x, "classname", class);
    rg_xml_attribute(x, "name", name);
    rg_xml_attribute(x, "time", "0");
    rg_xml_open(x, "failure");
    rg_xml_attribute(x, "type", rg_value_text(v, "kind"));
    rg_xml_attribute(x, "message", rg_value_text(v, "message"));
    rg_xml_text(x, body);
    rg_xml_close(x, "failure");
    rg_xml_close(x, "testcase");
    free(class);
    free(body);
    free(name);
}

// A test of its own, so that there is one where nothing was found, and that none seems to be found where logs are damaged.
static void put_reading(struct rg_xml *x, const struct rg_conversion *c) {
    rg_xml_open(x, "testcase");
    rg_xml_attribute(x, "classname", "realloc_guard");
    rg_xml_attribute(x, "name", "all logs could be read");
    rg_xml_attribute(x, "time", "0");
    if (c->damaged_lines + c->unread_files > 0) {
        char *text = rg_need_text("%" PRIu64 " lines and %" PRIu64 " files could not be read",
                                  c->damaged_lines, c->unread_files);
        rg_xml_open(x, "error");
        rg_xml_attribute(x, "type", "damaged-log");
        rg_xml_attribute(x, "message", text);
        rg_xml_close(x, "error");
        free(text);
    }
    rg_xml_close(x, "testcase");
}

// As Jenkins and GitLab show what has kept a test from running.
static void put_guard_error(struct rg_xml *x, const struct rg_guard_error *e) {
    char *title = rg_guard_error_title(e);
    char *name = rg_need_text("the guard in process %" PRIu64, e->pid);
    rg_xml_open(x, "testcase");
    rg_xml_attribute(x, "classname", "realloc_guard");
    rg_xml_attribute(x, "name", name);
    rg_xml_attribute(x, "time", "0");
    rg_xml_open(x, "error");
    rg_xml_attribute(x, "type", "internal-error");
    rg_xml_attribute(x, "message", title);
    rg_xml_text(x, e->text);
    rg_xml_close(x, "error");
    rg_xml_close(x, "testcase");
    free(name);
    free(title);
}

static void put_counts(struct rg_xml *x, const struct rg_conversion *c) {
    rg_xml_attribute(x, "name", "realloc_guard");
    rg_xml_attribute_number(x, "tests", c->merge.count + 1 + c->merge.errors.count);
    rg_xml_attribute_number(x, "failures", c->merge.count);
    rg_xml_attribute_number(x, "errors",
                            c->merge.errors.count + (c->damaged_lines + c->unread_files > 0));
    rg_xml_attribute(x, "time", "0");
}

void rg_convert_junit(struct rg_conversion *c) {
    struct rg_xml x = {.file = c->out};
    struct rg_time_text begun;
    rg_xml_begin(&x);
    rg_xml_open(&x, "testsuites");
    put_counts(&x, c);
    rg_xml_open(&x, "testsuite");
    put_counts(&x, c);
    rg_xml_attribute(&x, "skipped", "0");
    if (rg_time_text(c->merge.first_time, "%FT%T", &begun)) {
        rg_xml_attribute(&x, "timestamp", begun.text);
    }
    for (size_t i = 0; i < c->merge.count; i++) {
        const struct rg_merged *f = c->merge.findings[i];
        put_finding(&x, f, rg_conversion_read(c, f));
    }
    for (size_t i = 0; i < c->merge.errors.count; i++) {
        put_guard_error(&x, &c->merge.errors.items[i]);
    }
    put_reading(&x, c);
    rg_xml_close(&x, "testsuite");
    rg_xml_close(&x, "testsuites");
}
