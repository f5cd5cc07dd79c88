// SPDX-License-Identifier: MIT
// A line of a file of suppressions: KIND:PATTERN, or KIND:frames:PATTERN;PATTERN;... Pure; async-signal-safe, errno
// untouched.
//
// KIND is the name of a kind of finding (kinds.def), in which '*' is any text. A PATTERN matches a frame where it is found
// in the name of its function, of its source file or of its module; '*' in it is any text, '^' at its beginning and '$' at
// its end are the beginning and the end of the name. With a '/' in it, it is looked for in whole paths, else in their last
// parts.
#ifndef RG_BASE_SUPPRESSION_H
#define RG_BASE_SUPPRESSION_H

#include "base/fmt.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

// Bytes of the longest line.
enum { RG_SUPPRESSION_MOST = 4096 };

// Texts point into the line.
struct rg_suppression {
    const char *text; // without white space around it
    size_t text_len;
    size_t kind_len;     // KIND is the beginning of the text
    const char *pattern; // or the list of them, up to the end of the text
    size_t pattern_len;
    bool is_list;  // matches frames one after the other, from the innermost on
    unsigned line; // in its file, from 1 on; for who reads files
    // How many distinct findings it has suppressed, and how often those occurred; for who does it.
    size_t misuses;
    _Atomic size_t occurrences;
};

enum rg_suppression_line { RG_SUPPRESSION_NONE, RG_SUPPRESSION_READ, RG_SUPPRESSION_REFUSED };

// Reads a line of len bytes, without its newline. NONE: it is empty or a comment. REFUSED: it is malformed; then `why`
// has got a phrase that says what is wrong and what to write. Else fills in *ret_suppression, but for what is others'.
enum rg_suppression_line rg_suppression_parse(const char *line, size_t len,
                                              struct rg_suppression *ret_suppression,
                                              struct rg_buf *why);

// What is known of a frame. An empty name is not known.
struct rg_suppression_frame {
    const char *function, *file, *module;
    const char *
        symbols; // further names of the function, each ended by a zero byte, the last by two; or NULL
};

// Whether the suppression is one of findings of that kind with this stack, innermost frame first: one of its frames
// matches, or a list matches as many from the innermost on, in which an item that is nothing but '*' is any number of frames.
// A pattern that is nothing but '*' matches any stack.
bool rg_suppression_matches(const struct rg_suppression *s, const char *kind,
                            const struct rg_suppression_frame *frames, size_t count);

#endif
