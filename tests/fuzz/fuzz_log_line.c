// SPDX-License-Identifier: MIT
// Any bytes as a line of a log of format=json, or as what convert --to json has written: it is refused with a complaint that is one line, or all that is made of
// it is valid: text for a person without control characters, and JSON that can be read again.
#include "convert.h"
#include "convert_log.h"
#include "json_value.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rg_document line_document;

static void require(bool holds) {
    if (!holds) {
        abort();
    }
}

static void check_complaint(const char *what) {
    require(*what && !strchr(what, '\n'));
}

// What a format writes, to be freed.
static char *written(struct rg_conversion *c, void (*format)(struct rg_conversion *c)) {
    char *text = NULL;
    size_t len = 0;
    c->out = open_memstream(&text, &len);
    require(c->out != NULL);
    format(c);
    require(!fclose(c->out) && text && strlen(text) == len);
    return text;
}

static char root[] = "/app";

// line: NULL for a document.
static void convert(const struct rg_value *v, const char *line) {
    struct rg_conversion c = {.source_root = root};
    if (line) {
        rg_merge_event(&c.merge, v, line);
    } else {
        rg_merge_document(&c.merge, v);
    }
    rg_merge_end_file(&c.merge);
    rg_merge_sort(&c.merge, RG_MERGE_BY_COUNT);
    char *text = written(&c, rg_convert_text);
    for (const char *at = text; *at; at++) {
        require((unsigned char)*at >= ' ' || *at == '\n');
    }
    char *json = written(&c, rg_convert_json);
    require(rg_document_read(&c.document, json, strlen(json)) != NULL);
    char *sarif = written(&c, rg_convert_sarif);
    require(rg_document_read(&c.document, sarif, strlen(sarif)) != NULL);
    char *xml = written(&c, rg_convert_junit);
    char *valgrind = written(&c, rg_convert_valgrind);
    char *commands = written(&c, rg_convert_github);
    require(strcspn(commands, "\n") + 1 >= strlen(commands));
    free(text);
    free(json);
    free(sarif);
    free(xml);
    free(valgrind);
    free(commands);
    rg_document_done(&c.document);
    rg_merge_done(&c.merge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *line = malloc(size + 1);
    require(line != NULL);
    if (size > 0) {
        memcpy(line, data, size);
    }
    line[size] = 0;
    const struct rg_value *v = rg_document_read(&line_document, line, size);
    bool is_known = false;
    bool is_document = v && rg_value_at(v, "findings") && !rg_value_at(v, "event");
    const char *what = is_document ? rg_document_check(v)
                       : v         ? rg_event_check(v, &is_known)
                                   : line_document.what;
    if (what) {
        check_complaint(what);
    } else if (is_known || is_document) {
        convert(v, is_document ? NULL : line);
    }
    free(line);
    return 0;
}
