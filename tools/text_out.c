// SPDX-License-Identifier: MIT
// See text_out.h.
#include "text_out.h"

const char *rg_plural(uint64_t n) {
    return n == 1 ? "" : "s";
}

void rg_put_printable(FILE *out, const char *text) {
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        // U+0080 to U+009F are control characters, too: 0xc2 and one byte.
        if (c == 0xc2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0) {
            text++;
            c = 0x7f;
        }
        fputc(c < ' ' || c == 0x7f ? '?' : c, out);
    }
}
