// SPDX-License-Identifier: MIT
// What the formats of realloc-guard convert have in common. Each is a function that writes what was merged.
#ifndef RG_TOOLS_CONVERT_H
#define RG_TOOLS_CONVERT_H

#include "convert_merge.h"
#include "convert_runs.h"
#include "json_value.h"
#include "json_writer.h"

#include <stdio.h>

struct rg_conversion {
    struct rg_merge merge; // sorted
    struct rg_runs runs;   // empty unless the format asks for them
    bool keeps_runs;
    char *source_root; // owned; absolute and plain; "" where paths stay as they are
    uint64_t damaged_lines;
    uint64_t unread_files;
    uint64_t cut_logs; // of which the last line was left out
    FILE *out;
    struct rg_document document; // of the finding that is written at the moment
};

// They write to c->out; errors stay there (ferror).
void rg_convert_github(struct rg_conversion *c);
void rg_convert_html(struct rg_conversion *c);
void rg_convert_json(struct rg_conversion *c);
void rg_convert_junit(struct rg_conversion *c);
void rg_convert_sarif(struct rg_conversion *c);
void rg_convert_suppressions(struct rg_conversion *c);
void rg_convert_valgrind(struct rg_conversion *c);
void rg_convert_valgrind_log(struct rg_conversion *c);
void rg_convert_text(struct rg_conversion *c);

// The line of the finding, read. Valid until the next call.
const struct rg_value *rg_conversion_read(struct rg_conversion *c, const struct rg_merged *f);

// Writes the value as it was read, but for the paths of source files.
void rg_conversion_write(const struct rg_conversion *c, struct rg_writer *w, const char *key,
                         const struct rg_value *v);

// The source file as machines get it: without "." and "..", and relative to the source root where it is within that. To
// be freed.
char *rg_conversion_path(const struct rg_conversion *c, const char *file);

// The absolute path of a folder, which need not be there, without "." and "..". To be freed.
char *rg_plain_path(const char *path);

// A whole report for a person, the same without the process id in front, and what of it is behind the first line, up to
// the advice.
void rg_convert_text_finding(struct rg_conversion *c, const struct rg_merged *f);
void rg_convert_text_report(FILE *out, const struct rg_merged *f, const struct rg_value *finding);
void rg_convert_text_body(FILE *out, const struct rg_value *finding);

#endif
