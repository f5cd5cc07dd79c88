// SPDX-License-Identifier: MIT
// convert --to github: workflow commands, which a GitHub workflow prints, and which then are shown at their source lines.
#include "convert.h"

#include "convert_facts.h"
#include "convert_fingerprint.h"
#include "need.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// In a property a colon and a comma would end it.
static void put_escaped(FILE *out, const char *text, const char *special) {
    for (; *text; text++) {
        if (strchr(special, *text)) {
            fprintf(out, "%%%02X", (unsigned char)*text);
        } else if ((unsigned char)*text < ' ') {
            fputc('?', out);
        } else {
            fputc(*text, out);
        }
    }
}

static void put_property(FILE *out, const char *name, const char *text) {
    fprintf(out, "%s=", name);
    put_escaped(out, text, "%\r\n:,");
}

static void put_place(const struct rg_conversion *c, const struct rg_value *frame) {
    char *path = rg_conversion_path(c, rg_value_text(frame, "file"));
    uint64_t column = rg_value_number_or_0(frame, "column");
    put_property(c->out, "file", path);
    fprintf(c->out, ",line=%" PRIu64 ",", rg_value_number_or_0(frame, "line"));
    if (column > 0) {
        fprintf(c->out, "col=%" PRIu64 ",", column);
    }
    free(path);
}

// What is shown at the line, to be freed.
static char *message_of(const struct rg_merged *f, const struct rg_value *v) {
    static const struct {
        const char *path, *what;
    } rows[] = {
        {"block.moved.place", "moved"},     {"block.in_realloc.place", "in realloc"},
        {"block.freed.place", "freed"},     {"block.shrunk.place", "made smaller"},
        {"failed_realloc.place", "failed"}, {"block.allocated.place", "allocated"},
    };
    char *text = NULL;
    size_t len = 0;
    FILE *out = rg_need_stream(&text, &len);
    fprintf(out, "%s\n", rg_value_text(v, "message"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *place = rg_value_text(v, rows[i].path);
        if (place) {
            fprintf(out, "%s at %s\n", rows[i].what, place);
        }
    }
    fprintf(out, "advice: %s\n", rg_value_text(v, "advice"));
    rg_put_met(out, f);
    fprintf(out, "; fingerprint %s", rg_fingerprint_text(f->fingerprint).text);
    fclose(out);
    return text;
}

static void put_guard_error(FILE *out, const struct rg_guard_error *e) {
    char *title = rg_guard_error_title(e);
    fputs("::error ", out);
    put_property(out, "title", title);
    fputs("::", out);
    put_escaped(out, e->text, "%\r\n");
    fputs("\n", out);
    free(title);
}

void rg_convert_github(struct rg_conversion *c) {
    for (size_t i = 0; i < c->merge.errors.count; i++) {
        put_guard_error(c->out, &c->merge.errors.items[i]);
    }
    for (size_t i = 0; i < c->merge.count; i++) {
        const struct rg_value *v = rg_conversion_read(c, c->merge.findings[i]);
        const struct rg_value *frame = rg_finding_source_frame(v);
        char *message = message_of(c->merge.findings[i], v);
        fputs("::error ", c->out);
        if (frame) {
            put_place(c, frame);
        }
        put_property(c->out, "title", rg_value_text(v, "title"));
        fputs("::", c->out);
        put_escaped(c->out, message, "%\r\n");
        fputs("\n", c->out);
        free(message);
    }
}
