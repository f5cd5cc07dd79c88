// SPDX-License-Identifier: MIT
// Text in HTML. Errors stay in the stream (ferror).
#ifndef RG_TOOLS_HTML_TEXT_H
#define RG_TOOLS_HTML_TEXT_H

#include <stddef.h>
#include <stdio.h>

// The text, for elements (but not for script and style) and for quoted attributes. What HTML cannot hold (bytes that are
// not UTF-8, control characters, noncharacters) becomes U+FFFD, and so do line breaks and the characters that turn the
// direction of what follows: a name must not look like another one. A tab stays.
void rg_html_put(FILE *out, const char *text);

// The same of `count` characters at most, and "..." in place of what is more.
void rg_html_put_short(FILE *out, const char *text, size_t count);

// The same as a string of JSON, in its quotes, for a script element that holds data.
void rg_html_put_json(FILE *out, const char *text);

#endif
