// SPDX-License-Identifier: MIT
// The lines of a report for machines, as docs/findings.schema.json describes them: one JSON object each, with its
// newline. What a person reads in them is worded by text.h. Pure but for reading the process id; async-signal-safe,
// errno untouched.
#ifndef RG_REPORT_JSON_LINE_H
#define RG_REPORT_JSON_LINE_H

#include "base/fmt.h"
#include "heap/heap.h"
#include "heap/seal.h"
#include "report/text.h"

// Bytes that hold any line without a stack, and any other one whose stacks were left out.
#define RG_JSON_LINE_CAP (128UL * 1024)

void rg_json_put_finding(struct rg_buf *b, const struct rg_story *s, unsigned number);

void rg_json_put_again(struct rg_buf *b, unsigned number, size_t occurrences);

// One line about the guard itself. What is not part of it is 0 or NULL.
struct rg_note {
    const char *topic; // see the schema
    const char *text;
    const struct rg_frames *frames;
    size_t size, moves, lines;
    // Of the topic suppression.
    const char *suppression; // as it is in its file
    const char *suppression_file;
    size_t suppression_line;
    size_t misuses, occurrences;
};
void rg_json_put_note(struct rg_buf *b, const struct rg_note *n);

struct rg_summary {
    size_t misuses;
    size_t occurrences;
    size_t not_kept;                           // of these, of findings for which there was no room
    size_t suppressed, suppressed_occurrences; // not among those above
    struct rg_heap_stats heap;
    struct rg_seal_stats seal;
    const char *symbolizer_failure; // or NULL
    size_t lost_lines;
};
void rg_json_put_summary(struct rg_buf *b, const struct rg_summary *s);

// For what makes such lines: the beginning, common to all, and the end. rg_json_put_stack puts a place and a stack, of
// which it keeps up to `most` frames.
void rg_json_begin_line(struct rg_buf *b, const char *event);
void rg_json_end_line(struct rg_buf *b);
void rg_json_put_stack(struct rg_buf *b, const struct rg_frames *r, size_t most);

#endif
