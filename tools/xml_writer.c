// SPDX-License-Identifier: MIT
// See xml_writer.h.
#include "xml_writer.h"

#include "utf8.h"

#include <inttypes.h>
#include <string.h>

// U+FFFE and U+FFFF.
static int is_noncharacter(const char *text) {
    return !strncmp(text, "\xef\xbf\xbe", 3) || !strncmp(text, "\xef\xbf\xbf", 3);
}

// An attribute's line breaks and tabs would be read as spaces.
static const char *reference_of(char c, int is_attribute) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return is_attribute ? "&quot;" : NULL;
    case '\n':
        return is_attribute ? "&#10;" : NULL;
    case '\t':
        return is_attribute ? "&#9;" : NULL;
    case '\r':
        return "&#13;";
    default:
        return NULL;
    }
}

static void put_escaped(FILE *file, const char *text, int is_attribute) {
    while (*text) {
        size_t bytes = rg_utf8_bytes(text);
        const char *reference = reference_of(*text, is_attribute);
        int is_control = (unsigned char)*text < ' ' && *text != '\n' && *text != '\t';
        if (reference) {
            fputs(reference, file);
        } else if (bytes == 0 || is_control || is_noncharacter(text)) {
            fputs("\xef\xbf\xbd", file); // U+FFFD
        } else {
            fwrite(text, 1, bytes, file);
        }
        text += bytes ? bytes : 1;
    }
}

void rg_xml_begin(struct rg_xml *x) {
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", x->file);
    x->state = RG_XML_BEHIND_CHILD;
}

static void end_tag(struct rg_xml *x) {
    if (x->state == RG_XML_IN_TAG) {
        fputs(">", x->file);
    }
}

void rg_xml_open(struct rg_xml *x, const char *name) {
    end_tag(x);
    if (x->depth > 0) {
        fprintf(x->file, "\n%*s", 2 * x->depth, "");
    }
    fprintf(x->file, "<%s", name);
    x->depth++;
    x->state = RG_XML_IN_TAG;
}

void rg_xml_attribute(struct rg_xml *x, const char *name, const char *text) {
    fprintf(x->file, " %s=\"", name);
    put_escaped(x->file, text, 1);
    fputs("\"", x->file);
}

void rg_xml_attribute_number(struct rg_xml *x, const char *name, uint64_t number) {
    fprintf(x->file, " %s=\"%" PRIu64 "\"", name, number);
}

void rg_xml_text(struct rg_xml *x, const char *text) {
    end_tag(x);
    put_escaped(x->file, text, 0);
    x->state = RG_XML_BEHIND_TEXT;
}

void rg_xml_close(struct rg_xml *x, const char *name) {
    x->depth--;
    if (x->state == RG_XML_IN_TAG) {
        fputs("/>", x->file);
    } else {
        if (x->state == RG_XML_BEHIND_CHILD) {
            fprintf(x->file, "\n%*s", 2 * x->depth, "");
        }
        fprintf(x->file, "</%s>", name);
    }
    x->state = RG_XML_BEHIND_CHILD;
    if (x->depth == 0) {
        fputs("\n", x->file);
    }
}

void rg_xml_element(struct rg_xml *x, const char *name, const char *text) {
    rg_xml_open(x, name);
    rg_xml_text(x, text);
    rg_xml_close(x, name);
}

void rg_xml_element_number(struct rg_xml *x, const char *name, uint64_t number) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    rg_xml_element(x, name, text);
}
