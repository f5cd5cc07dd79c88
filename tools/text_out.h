// SPDX-License-Identifier: MIT
// Pieces of text for people. Errors stay in the stream (ferror).
#ifndef RG_TOOLS_TEXT_OUT_H
#define RG_TOOLS_TEXT_OUT_H

#include <stdint.h>
#include <stdio.h>

// "s", or "" for 1.
const char *rg_plural(uint64_t n);

// The text, with "?" for each control character: a name from a log must not steer a terminal.
void rg_put_printable(FILE *out, const char *text);

// Each line of the text by itself, with `before` in front and a newline behind.
void rg_put_printable_lines(FILE *out, const char *before, const char *text);

#endif
