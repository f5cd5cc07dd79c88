// SPDX-License-Identifier: MIT
// See text_out.h.
#include "text_out.h"

#include <string.h>

const char *rg_plural(uint64_t n) {
    return n == 1 ? "" : "s";
}

static void put_printable_part(FILE *out, const char *text, const char *end) {
    for (; text < end; text++) {
        unsigned char c = (unsigned char)*text;
        // U+0080 to U+009F are control characters, too: 0xc2 and one byte.
        if (c == 0xc2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0) {
            text++;
            c = 0x7f;
        }
        fputc(c < ' ' || c == 0x7f ? '?' : c, out);
    }
}

void rg_put_printable(FILE *out, const char *text) {
    put_printable_part(out, text, text + strlen(text));
}

void rg_put_printable_lines(FILE *out, const char *before, const char *text) {
    while (*text) {
        const char *end = strchrnul(text, '\n');
        fputs(before, out);
        put_printable_part(out, text, end);
        fputs("\n", out);
        text = *end ? end + 1 : end;
    }
}
