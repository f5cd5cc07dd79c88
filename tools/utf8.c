// SPDX-License-Identifier: MIT
// See utf8.h.
#include "utf8.h"

#include "base/compiler.h"

size_t rg_utf8_bytes(const char *text) {
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

char *rg_utf8_put(char *to, unsigned c) {
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}
