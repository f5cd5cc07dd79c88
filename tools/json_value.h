// SPDX-License-Identifier: MIT
// Reads one JSON text (RFC 8259) into values. Numbers stay as they were written: sizes go up to 2^64-1, which readers
// that make integers or doubles of them refuse or round. Nothing prints; a document is used by one thread.
#ifndef RG_TOOLS_JSON_VALUE_H
#define RG_TOOLS_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rg_value_type {
    RG_VALUE_NULL,
    RG_VALUE_FALSE,
    RG_VALUE_TRUE,
    RG_VALUE_NUMBER,
    RG_VALUE_STRING,
    RG_VALUE_ARRAY,
    RG_VALUE_OBJECT,
};

struct rg_value {
    enum rg_value_type type;
    const char *key; // of a member of an object, else NULL
    const char *
        text; // of a string, valid UTF-8 without zero bytes; of a number, as it was written; else ""
    struct rg_value *first; // element or member, NULL: none
    struct rg_value *next;  // behind this one in the array or object, NULL: the last
};

// Owns the values of the text that was read last. Zero-filled before the first use.
struct rg_document {
    char *text;
    size_t text_cap;
    struct rg_value *values; // values[0] is the whole text
    size_t cap, count;
    const char *what; // is wrong with a text that could not be read, as the end of a sentence
    size_t column;    // where, in bytes from 1
};

// Reads the len bytes at text, which it copies; what the document held before is gone. Returns the value, which lives
// until the next call, or NULL and sets what and column. U+0000 in a string becomes U+FFFD. Of members with one key the
// first is found.
const struct rg_value *rg_document_read(struct rg_document *d, const char *text, size_t len);
void rg_document_done(struct rg_document *d);

// The member at the path, keys separated by dots: "block.allocated". NULL where there is none, and of NULL.
const struct rg_value *rg_value_at(const struct rg_value *v, const char *path);

// The text of the string at the path; NULL where there is none.
const char *rg_value_text(const struct rg_value *v, const char *path);

// Whether there is a number at the path that is an integer from 0 to 2^64-1.
bool rg_value_number(const struct rg_value *v, const char *path, uint64_t *ret_number);

// The same, or 0.
uint64_t rg_value_number_or_0(const struct rg_value *v, const char *path);

// Whether true is at the path.
bool rg_value_flag(const struct rg_value *v, const char *path);

#endif
