// SPDX-License-Identifier: MIT
// See json.h. No state at all: whether a comma is due shows in what was written last.
#include "report/json.h"

#include "base/utf8.h"

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

static void put_escaped(struct rg_buf *b, const unsigned char *s) {
    while (*s) {
        size_t n = rg_utf8_bytes((const char *)s);
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
