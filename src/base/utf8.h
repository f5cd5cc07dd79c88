// SPDX-License-Identifier: MIT
// UTF-8, as Unicode defines it (table 3-7 of the standard). Pure, async-signal-safe.
#ifndef RG_BASE_UTF8_H
#define RG_BASE_UTF8_H

#include "base/compiler.h"

#include <stddef.h>

// How many bytes the character at text has, which ends with a zero byte; 0: it is no valid UTF-8. Not shortest forms,
// surrogates and what is beyond U+10FFFF are not valid.
static inline size_t rg_utf8_bytes(const char *text) {
    static const struct {
        unsigned char first, last; // of the first byte
        unsigned char least, most; // of the second
        unsigned char bytes;
    } rows[] = {
        {0x00, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < RG_ARRAY_LEN(rows); i++) {
        if (s[0] < rows[i].first || s[0] > rows[i].last) {
            continue;
        }
        size_t n = 1;
        if (rows[i].bytes > 1 && s[1] >= rows[i].least && s[1] <= rows[i].most) {
            for (n = 2; n < rows[i].bytes && s[n] >= 0x80 && s[n] <= 0xbf; n++) {
            }
        }
        return n == rows[i].bytes ? n : 0;
    }
    return 0;
}

#endif
