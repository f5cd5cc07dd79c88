// SPDX-License-Identifier: MIT
// UTF-8, character by character: what base/utf8.h has not. Pure.
#ifndef RG_TOOLS_UTF8_H
#define RG_TOOLS_UTF8_H

#include "base/utf8.h"
// Writes the character c, up to 4 bytes, which is neither a surrogate nor beyond U+10FFFF. Returns the end.
char *rg_utf8_put(char *to, unsigned c);

#endif
