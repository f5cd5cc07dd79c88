// SPDX-License-Identifier: MIT
// See json.h. No state at all: whether a comma is due shows in what was written last.
#include "report/json.h"

static void put_key(struct rg_buf *b, const char *key) {
    char last = b->len > 0 ? b->data[b->len - 1] : '{';
    if (last != '{' && last != '[' && last != '\n') {
        rg_buf_str(b, ",");
    }
    if (key) {
        rg_buf_fmt(b, "\"%s\":", key);
    }
}

void rg_json_open(struct rg_buf *b, const char *key, char bracket) {
    put_key(b, key);
    rg_buf_put(b, &bracket, 1);
}

void rg_json_close(struct rg_buf *b, char bracket) {
    rg_buf_put(b, &bracket, 1);
}

// How many bytes the character at s has, which ends with a zero byte; 0: it is no valid UTF-8. Not shortest forms,
// surrogates and what is beyond U+10FFFF are not valid.
static size_t character_bytes(const unsigned char *s) {
    static const struct {
        unsigned char first, last; // of the first byte
        unsigned char least, most; // of the second
        unsigned char bytes;
    } rows[] = {
        {0x00, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
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

static void put_escaped(struct rg_buf *b, const unsigned char *s) {
    while (*s) {
        size_t n = character_bytes(s);
        if (n == 0) {
            rg_buf_str(b, "\xef\xbf\xbd"); // U+FFFD
            n = 1;
        } else if (*s == '"' || *s == '\\') {
            rg_buf_fmt(b, "\\%c", *s);
        } else if (*s < ' ') {
            rg_buf_fmt(b, "\\u%04x", *s);
        } else {
            rg_buf_put(b, (const char *)s, n);
        }
        s += n;
    }
}

void rg_json_put_text(struct rg_buf *b, const char *key, const char *text) {
    put_key(b, key);
    rg_buf_str(b, "\"");
    put_escaped(b, (const unsigned char *)text);
    rg_buf_str(b, "\"");
}

void rg_json_put_known(struct rg_buf *b, const char *key, const char *text) {
    if (text && *text) {
        rg_json_put_text(b, key, text);
    }
}

void rg_json_put_number(struct rg_buf *b, const char *key, size_t number) {
    put_key(b, key);
    rg_buf_fmt(b, "%zu", number);
}

void rg_json_put_positive(struct rg_buf *b, const char *key, size_t number) {
    if (number > 0) {
        rg_json_put_number(b, key, number);
    }
}

void rg_json_put_signed(struct rg_buf *b, const char *key, long number) {
    put_key(b, key);
    rg_buf_fmt(b, "%ld", number);
}

void rg_json_put_address(struct rg_buf *b, const char *key, uintptr_t address) {
    put_key(b, key);
    rg_buf_fmt(b, "\"0x%lx\"", address);
}

void rg_json_put_flag(struct rg_buf *b, const char *key, bool is_set) {
    if (is_set) {
        put_key(b, key);
        rg_buf_str(b, "true");
    }
}
