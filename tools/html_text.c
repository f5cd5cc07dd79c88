// SPDX-License-Identifier: MIT
// See html_text.h.
#include "html_text.h"

#include "utf8.h"

#include <stdbool.h>
#include <stdint.h>

// Of a character of so many bytes.
static unsigned code_of(const char *text, size_t bytes) {
    unsigned code = (unsigned char)*text & (bytes == 1 ? 0x7fU : 0x7fU >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        code = code << 6 | ((unsigned char)text[i] & 0x3fU);
    }
    return code;
}

static bool is_noncharacter(unsigned c) {
    return (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

// Embedding, override and isolation of the direction, and marks of it.
static bool turns_direction(unsigned c) {
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
           c == 0x200f || c == 0x061c;
}

static bool is_break(unsigned c) {
    return c == 0x2028 || c == 0x2029;
}

static bool is_shown(unsigned c) {
    bool is_control = (c < ' ' && c != '\t') || (c >= 0x7f && c < 0xa0);
    return !is_control && !is_noncharacter(c) && !turns_direction(c) && !is_break(c);
}

static const char *reference_of(unsigned c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void rg_html_put_short(FILE *out, const char *text, size_t count) {
    for (size_t i = 0; *text; i++) {
        if (i == count) {
            fputs("...", out);
            return;
        }
        size_t bytes = rg_utf8_bytes(text);
        unsigned code = bytes ? code_of(text, bytes) : 0;
        const char *reference = reference_of(code);
        if (reference) {
            fputs(reference, out);
        } else if (bytes == 0 || !is_shown(code)) {
            fputs("\xef\xbf\xbd", out); // U+FFFD
        } else {
            fwrite(text, 1, bytes, out);
        }
        text += bytes ? bytes : 1;
    }
}

void rg_html_put(FILE *out, const char *text) {
    rg_html_put_short(out, text, SIZE_MAX);
}
