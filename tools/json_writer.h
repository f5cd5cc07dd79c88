// SPDX-License-Identifier: MIT
// Writes JSON into a stream, indented for people. Commas come by themselves: objects and arrays are opened, filled and
// closed. A key is NULL in an array and of the outermost value. Errors stay in the stream (ferror).
#ifndef RG_TOOLS_JSON_WRITER_H
#define RG_TOOLS_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct rg_writer {
    FILE *file;
    int depth;
    bool is_behind; // a value at this depth
    bool is_flat;   // all on one line
};

// bracket: '{' or '[' to open, '}' or ']' to close.
void rg_write_open(struct rg_writer *w, const char *key, char bracket);
void rg_write_close(struct rg_writer *w, char bracket);

// text: UTF-8; what is none becomes U+FFFD.
void rg_write_text(struct rg_writer *w, const char *key, const char *text);
void rg_write_number(struct rg_writer *w, const char *key, uint64_t number);

// Nothing for 0.
void rg_write_positive(struct rg_writer *w, const char *key, uint64_t number);

// Text that is JSON: a number, true, false or null.
void rg_write_raw(struct rg_writer *w, const char *key, const char *json);

// The newline behind the outermost value.
void rg_write_end(struct rg_writer *w);

#endif
