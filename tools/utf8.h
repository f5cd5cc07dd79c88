// SPDX-License-Identifier: MIT
// UTF-8, character by character. Pure.
#ifndef RG_TOOLS_UTF8_H
#define RG_TOOLS_UTF8_H

#include <stddef.h>

// How many bytes the character at text has, which ends with a zero byte; 0: it is no valid UTF-8. Not shortest forms,
// surrogates and what is beyond U+10FFFF are not valid.
size_t rg_utf8_bytes(const char *text);

// Writes the character c, up to 4 bytes, which is neither a surrogate nor beyond U+10FFFF. Returns the end.
char *rg_utf8_put(char *to, unsigned c);

#endif
