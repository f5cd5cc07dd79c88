// SPDX-License-Identifier: MIT
// Writes XML 1.0 into a stream, indented for people. Text is escaped; what XML cannot hold (control characters, U+FFFE,
// U+FFFF, bytes that are not UTF-8) becomes U+FFFD. Names are literals of ours. Errors stay in the stream (ferror).
#ifndef RG_TOOLS_XML_WRITER_H
#define RG_TOOLS_XML_WRITER_H

#include <stdint.h>
#include <stdio.h>

// <NAME, and attributes until something else is written.
struct rg_xml {
    FILE *file;
    int depth;
    enum {
        RG_XML_IN_TAG,       // more attributes may follow
        RG_XML_BEHIND_CHILD, // or at the beginning
        RG_XML_BEHIND_TEXT,
    } state;
};

void rg_xml_begin(struct rg_xml *x); // the declaration
void rg_xml_open(struct rg_xml *x, const char *name);
void rg_xml_attribute(struct rg_xml *x, const char *name, const char *text);
void rg_xml_attribute_number(struct rg_xml *x, const char *name, uint64_t number);
void rg_xml_text(struct rg_xml *x, const char *text);
void rg_xml_close(struct rg_xml *x, const char *name);

// An element that holds the text.
void rg_xml_element(struct rg_xml *x, const char *name, const char *text);
void rg_xml_element_number(struct rg_xml *x, const char *name, uint64_t number);

#endif
