// SPDX-License-Identifier: MIT
// convert --to sarif: the format of static analysis results, SARIF 2.1.0, which GitHub's code scanning and editors read.
// A rule for each kind that was met, a result for each distinct misuse.
#include "convert.h"

#include "base/compiler.h"
#include "convert_facts.h"
#include "convert_fingerprint.h"
#include "convert_rules.h"
#include "json_writer.h"
#include "need.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// Of the official schema.
#define SCHEMA                                                                                     \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#define HOME "SRCROOT"

// The kinds that were met, in the order of the results.
struct rules {
    char **kinds;
    size_t count;
};

struct work {
    struct rg_conversion *c;
    struct rg_writer w;
    struct rules rules;
};

static size_t index_of(struct rules *r, const char *kind) {
    size_t i = 0;
    while (i < r->count && strcmp(r->kinds[i], kind) != 0) {
        i++;
    }
    return i;
}

// The path as a URI, relative where the path is. To be freed.
static char *uri_of(const char *path) {
    static const char plain[] = "-._~/";
    char *text = NULL;
    size_t len = 0;
    FILE *out = rg_need_stream(&text, &len);
    fputs(*path == '/' ? "file://" : "", out);
    for (; *path; path++) {
        if (isalnum((unsigned char)*path) || strchr(plain, *path)) {
            fputc(*path, out);
        } else {
            fprintf(out, "%%%02X", (unsigned char)*path);
        }
    }
    fclose(out);
    return text;
}

// A brace, as in the name of a lambda function, begins a placeholder unless it is doubled.
static void write_message(struct rg_writer *w, const char *key, const char *text) {
    char *doubled = NULL;
    size_t len = 0;
    FILE *out = rg_need_stream(&doubled, &len);
    for (; *text; text++) {
        fputc(*text, out);
        if (*text == '{' || *text == '}') {
            fputc(*text, out);
        }
    }
    fclose(out);
    rg_write_open(w, key, '{');
    rg_write_text(w, "text", doubled);
    rg_write_close(w, '}');
    free(doubled);
}

static void write_artifact(struct work *k, const char *path) {
    struct rg_writer *w = &k->w;
    char *uri = uri_of(path);
    rg_write_open(w, "artifactLocation", '{');
    rg_write_text(w, "uri", uri);
    if (*path != '/' && *k->c->source_root) {
        rg_write_text(w, "uriBaseId", HOME);
    }
    rg_write_close(w, '}');
    free(uri);
}

// A module has no lines; readers that want one get the first.
static void write_physical(struct work *k, const struct rg_value *frame) {
    struct rg_writer *w = &k->w;
    const char *file = rg_value_text(frame, "file");
    const char *module = rg_value_text(frame, "module");
    if (!file && !module) {
        return;
    }
    uint64_t line = file ? rg_value_number_or_0(frame, "line") : 0;
    char *path = rg_conversion_path(k->c, file ? file : module);
    rg_write_open(w, "physicalLocation", '{');
    write_artifact(k, path);
    rg_write_open(w, "region", '{');
    rg_write_number(w, "startLine", line ? line : 1);
    rg_write_positive(w, "startColumn", line ? rg_value_number_or_0(frame, "column") : 0);
    rg_write_close(w, '}');
    rg_write_close(w, '}');
    free(path);
}

// The members of a location.
static void write_place(struct work *k, const struct rg_value *frame) {
    struct rg_writer *w = &k->w;
    const char *function = rg_value_text(frame, "function");
    write_physical(k, frame);
    if (function) {
        rg_write_open(w, "logicalLocations", '[');
        rg_write_open(w, NULL, '{');
        rg_write_text(w, "fullyQualifiedName", function);
        rg_write_text(w, "kind", "function");
        rg_write_close(w, '}');
        rg_write_close(w, ']');
    }
}

// Of a finding without any stack the program stands for the place: code scanning refuses results that are nowhere.
static void write_program(struct work *k, const char *program) {
    struct rg_writer *w = &k->w;
    char *path = rg_conversion_path(k->c, program);
    rg_write_open(w, NULL, '{');
    rg_write_open(w, "physicalLocation", '{');
    write_artifact(k, path);
    rg_write_close(w, '}');
    rg_write_close(w, '}');
    free(path);
}

static void write_locations(struct work *k, const struct rg_merged *f, const struct rg_value *v) {
    struct rg_writer *w = &k->w;
    const struct rg_value *frame = rg_finding_source_frame(v);
    frame = frame ? frame : rg_finding_frame(v);
    rg_write_open(w, "locations", '[');
    if (frame) {
        rg_write_open(w, NULL, '{');
        write_place(k, frame);
        rg_write_close(w, '}');
    } else if (f->program) {
        write_program(k, f->program);
    }
    rg_write_close(w, ']');
}

static void write_related(struct work *k, const struct rg_finding_stack *stacks, size_t count) {
    struct rg_writer *w = &k->w;
    rg_write_open(w, "relatedLocations", '[');
    for (size_t i = 0; i < count; i++) {
        const struct rg_value *frame = rg_stack_source_frame(stacks[i].stack);
        frame = frame ? frame : rg_stack_own_frame(stacks[i].stack);
        rg_write_open(w, NULL, '{');
        rg_write_number(w, "id", i + 1);
        write_message(w, "message", stacks[i].title);
        write_place(k, frame);
        rg_write_close(w, '}');
    }
    rg_write_close(w, ']');
}

static void write_frame(struct work *k, const struct rg_value *frame) {
    struct rg_writer *w = &k->w;
    const char *module = rg_value_text(frame, "module");
    rg_write_open(w, NULL, '{');
    rg_write_open(w, "location", '{');
    write_place(k, frame);
    rg_write_close(w, '}');
    if (module) {
        rg_write_text(w, "module", rg_base_name(module));
    }
    rg_write_close(w, '}');
}

static void write_stacks(struct work *k, const struct rg_finding_stack *stacks, size_t count) {
    struct rg_writer *w = &k->w;
    rg_write_open(w, "stacks", '[');
    for (size_t i = 0; i < count; i++) {
        rg_write_open(w, NULL, '{');
        write_message(w, "message", stacks[i].title);
        rg_write_open(w, "frames", '[');
        for (const struct rg_value *f = stacks[i].stack->first; f; f = f->next) {
            write_frame(k, f);
        }
        rg_write_close(w, ']');
        rg_write_close(w, '}');
    }
    rg_write_close(w, ']');
}

static void write_result_message(struct work *k, const struct rg_merged *f,
                                 const struct rg_value *v) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = rg_need_stream(&text, &len);
    fprintf(out, "%s: %s. Advice: %s (", rg_value_text(v, "title"), rg_value_text(v, "message"),
            rg_value_text(v, "advice"));
    rg_put_met(out, f);
    fputs(")", out);
    fclose(out);
    write_message(&k->w, "message", text);
    free(text);
}

static void write_result(struct work *k, const struct rg_merged *f) {
    struct rg_writer *w = &k->w;
    const struct rg_value *v = rg_conversion_read(k->c, f);
    struct rg_finding_stack stacks[RG_FINDING_STACKS];
    size_t count = rg_finding_stacks(v, stacks);
    // The stack of the access is where the result is.
    bool is_access = count > 0 && stacks[0].stack == rg_value_at(v, "stack");
    struct rg_fingerprint_text fingerprint = rg_fingerprint_text(f->fingerprint);
    rg_write_open(w, NULL, '{');
    rg_write_text(w, "ruleId", rg_value_text(v, "kind"));
    rg_write_number(w, "ruleIndex", index_of(&k->rules, rg_value_text(v, "kind")));
    rg_write_text(w, "level", "error");
    write_result_message(k, f, v);
    write_locations(k, f, v);
    write_related(k, stacks + is_access, count - is_access);
    write_stacks(k, stacks, count);
    rg_write_open(w, "partialFingerprints", '{');
    rg_write_text(w, "reallocGuard/v1", fingerprint.text + strlen("v1:"));
    rg_write_close(w, '}');
    rg_write_number(w, "occurrenceCount", f->occurrences);
    rg_write_open(w, "properties", '{');
    rg_write_number(w, "processes", f->processes);
    rg_write_close(w, '}');
    rg_write_close(w, '}');
}

static void write_rule(struct rg_writer *w, const struct rg_value *v) {
    const struct rg_rule_text *text = rg_rule_text(rg_value_text(v, "trouble"));
    rg_write_open(w, NULL, '{');
    rg_write_text(w, "id", rg_value_text(v, "kind"));
    write_message(w, "shortDescription", rg_value_text(v, "title"));
    write_message(w, "fullDescription", text->what);
    write_message(w, "help", text->help);
    rg_write_open(w, "defaultConfiguration", '{');
    rg_write_text(w, "level", "error");
    rg_write_close(w, '}');
    rg_write_open(w, "properties", '{');
    rg_write_open(w, "tags", '[');
    rg_write_text(w, NULL, "memory");
    rg_write_close(w, ']');
    rg_write_text(w, "precision", "very-high");
    rg_write_close(w, '}');
    rg_write_close(w, '}');
}

static void write_tool(struct work *k) {
    struct rg_writer *w = &k->w;
    rg_write_open(w, "tool", '{');
    rg_write_open(w, "driver", '{');
    rg_write_text(w, "name", "realloc_guard");
    rg_write_text(w, "version", RG_VERSION);
    rg_write_open(w, "rules", '[');
    for (size_t i = 0; i < k->c->merge.count; i++) {
        const struct rg_value *v = rg_conversion_read(k->c, k->c->merge.findings[i]);
        const char *kind = rg_value_text(v, "kind");
        if (index_of(&k->rules, kind) == k->rules.count) {
            k->rules.kinds = rg_need_room(k->rules.kinds, k->rules.count, sizeof(char *));
            k->rules.kinds[k->rules.count++] = rg_need_copy(kind);
            write_rule(w, v);
        }
    }
    rg_write_close(w, ']');
    rg_write_close(w, '}');
    rg_write_close(w, '}');
}

static void write_notification(struct rg_writer *w, const char *text) {
    rg_write_open(w, NULL, '{');
    rg_write_text(w, "level", "error");
    write_message(w, "message", text);
    rg_write_close(w, '}');
}

static void write_guard_error(struct rg_writer *w, const struct rg_guard_error *e) {
    char *title = rg_guard_error_title(e);
    char *text = rg_need_text("%s:\n%s", title, e->text);
    write_notification(w, text);
    free(text);
    free(title);
}

static void write_invocation(struct work *k) {
    struct rg_writer *w = &k->w;
    struct rg_time_text begun;
    uint64_t missing = k->c->damaged_lines + k->c->unread_files;
    const struct rg_guard_errors *errors = &k->c->merge.errors;
    rg_write_open(w, "invocations", '[');
    rg_write_open(w, NULL, '{');
    rg_write_raw(w, "executionSuccessful", missing + errors->total ? "false" : "true");
    if (rg_time_text(k->c->merge.first_time, "%FT%TZ", &begun)) {
        rg_write_text(w, "startTimeUtc", begun.text);
    }
    if (missing + errors->count > 0) {
        rg_write_open(w, "toolExecutionNotifications", '[');
        if (missing > 0) {
            write_notification(w, "Some lines or files of the logs could not be read.");
        }
        for (size_t i = 0; i < errors->count; i++) {
            write_guard_error(w, &errors->items[i]);
        }
        rg_write_close(w, ']');
    }
    rg_write_close(w, '}');
    rg_write_close(w, ']');
}

static void write_home(struct work *k) {
    struct rg_writer *w = &k->w;
    const char *root = k->c->source_root;
    if (!*root) {
        return;
    }
    char *folder = rg_need_text("%s%s", root, root[strlen(root) - 1] == '/' ? "" : "/");
    char *uri = uri_of(folder);
    rg_write_open(w, "originalUriBaseIds", '{');
    rg_write_open(w, HOME, '{');
    rg_write_text(w, "uri", uri);
    rg_write_close(w, '}');
    rg_write_close(w, '}');
    free(uri);
    free(folder);
}

void rg_convert_sarif(struct rg_conversion *c) {
    struct work k = {.c = c, .w = {.file = c->out}};
    struct rg_writer *w = &k.w;
    rg_write_open(w, NULL, '{');
    rg_write_text(w, "$schema", SCHEMA);
    rg_write_text(w, "version", "2.1.0");
    rg_write_open(w, "runs", '[');
    rg_write_open(w, NULL, '{');
    write_tool(&k);
    write_invocation(&k);
    write_home(&k);
    rg_write_text(w, "columnKind", "unicodeCodePoints");
    rg_write_open(w, "results", '[');
    for (size_t i = 0; i < c->merge.count; i++) {
        write_result(&k, c->merge.findings[i]);
    }
    rg_write_close(w, ']');
    rg_write_close(w, '}');
    rg_write_close(w, ']');
    rg_write_close(w, '}');
    rg_write_end(w);
    for (size_t i = 0; i < k.rules.count; i++) {
        free(k.rules.kinds[i]);
    }
    free(k.rules.kinds);
}
