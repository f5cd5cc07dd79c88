// SPDX-License-Identifier: MIT
// Reads a log of format=json line by line, and complains about each line that is damaged. docs/findings.schema.json says
// what the lines are.
#ifndef RG_TOOLS_CONVERT_LOG_H
#define RG_TOOLS_CONVERT_LOG_H

#include "json_value.h"

#include <stdbool.h>

// Who gets the lines.
struct rg_log_reader {
    // An event of a kind that is known, which has all that is needed of it. `line` is its text, without the newline; both
    // are valid during the call only.
    void (*event)(void *arg, const struct rg_value *event, const char *line);
    // What convert --to json has written, which rg_document_check has found good.
    void (*document)(void *arg, const struct rg_value *document);
    // What is wrong: "FILE:LINE: what; remedy". A note is about what is no error.
    void (*complain)(void *arg, const char *text, bool is_note);
    void *arg;
};

// Reads the file, which is a log or, where its first line is a bracket alone, a document of convert --to json; "-" is standard input. Returns 0, or -errno where it could not be opened or read to its end.
int rg_log_read_lines(const char *path, const struct rg_log_reader *reader);

// What is wrong with a line of which the value is v, as "what; remedy"; NULL: nothing. ret_is_known tells whether the
// event is one that is known.
const char *rg_event_check(const struct rg_value *v, bool *ret_is_known);

// The same of a document of convert --to json, see convert_merged.c.
const char *rg_document_check(const struct rg_value *v);

#endif
