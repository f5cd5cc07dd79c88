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

// Reads the character at *text, which is moved behind it. What is not to be shown is U+FFFD.
static unsigned next(const char **text, const char **ret_bytes, size_t *ret_count) {
    size_t bytes = rg_utf8_bytes(*text);
    unsigned code = bytes ? code_of(*text, bytes) : 0;
    bool is_good = bytes > 0 && is_shown(code);
    *ret_bytes = is_good ? *text : "\xef\xbf\xbd";
    *ret_count = is_good ? bytes : 3;
    *text += bytes ? bytes : 1;
    return is_good ? code : 0xfffd;
}

void rg_html_put_short(FILE *out, const char *text, size_t count) {
    for (size_t i = 0; *text; i++) {
        if (i == count) {
            fputs("...", out);
            return;
        }
        const char *bytes;
        size_t byte_count;
        const char *reference = reference_of(next(&text, &bytes, &byte_count));
        if (reference) {
            fputs(reference, out);
        } else {
            fwrite(bytes, 1, byte_count, out);
        }
    }
}

void rg_html_put(FILE *out, const char *text) {
    rg_html_put_short(out, text, SIZE_MAX);
}

void rg_html_put_json(FILE *out, const char *text) {
    fputc('"', out);
    while (*text) {
        const char *bytes;
        size_t byte_count;
        unsigned code = next(&text, &bytes, &byte_count);
        // Nothing that is to HTML or to JSON more than text stays itself.
        if (reference_of(code) || code == '\\' || code == '\t') {
            fprintf(out, "\\u%04x", code);
        } else {
            fwrite(bytes, 1, byte_count, out);
        }
    }
    fputc('"', out);
}
