// SPDX-License-Identifier: MIT
// See fmt.h. No state at all.
#include "base/fmt.h"

#include "base/sys.h"

#include <string.h>

void rg_buf_init(struct rg_buf *b, char *data, size_t cap) {
    *b = (struct rg_buf){.data = data, .cap = cap};
    data[0] = 0;
}

void rg_buf_put(struct rg_buf *b, const char *text, size_t len) {
    size_t room = b->cap - 1 - b->len;
    if (len > room) {
        len = room;
        b->truncated = true;
    }
    memcpy(b->data + b->len, text, len);
    b->len += len;
    b->data[b->len] = 0;
}

void rg_buf_str(struct rg_buf *b, const char *text) {
    rg_buf_put(b, text, strlen(text));
}

static void put_padding(struct rg_buf *b, char fill, size_t have, size_t width) {
    for (; have < width; have++) {
        rg_buf_put(b, &fill, 1);
    }
}

static void put_number(struct rg_buf *b, unsigned long v, unsigned base, bool negative, char fill,
                       size_t width) {
    char digits[24];
    size_t n = sizeof digits;
    do {
        digits[--n] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    size_t have = sizeof digits - n + negative;
    if (fill == ' ') {
        put_padding(b, fill, have, width);
    }
    if (negative) {
        rg_buf_put(b, "-", 1);
    }
    if (fill == '0') {
        put_padding(b, fill, have, width);
    }
    rg_buf_put(b, digits + n, sizeof digits - n);
}

static void put_string(struct rg_buf *b, const char *s, size_t most, bool left, size_t width) {
    if (!s) {
        s = "(null)";
    }
    size_t len = strnlen(s, most);
    if (!left) {
        put_padding(b, ' ', len, width);
    }
    rg_buf_put(b, s, len);
    if (left) {
        put_padding(b, ' ', len, width);
    }
}

// One conversion: what stood between '%' and its letter.
struct spec {
    bool left;
    bool is_long;
    char fill;
    size_t width;
    size_t most;
};

static const char *parse_spec(const char *f, struct spec *s, va_list *ap) {
    *s = (struct spec){.fill = ' ', .most = (size_t)-1};
    if (*f == '-') {
        s->left = true;
        f++;
    }
    if (*f == '0') {
        s->fill = '0';
        f++;
    }
    for (; *f >= '0' && *f <= '9'; f++) {
        s->width = s->width * 10 + (size_t)(*f - '0');
    }
    if (*f == '*') {
        s->width = (size_t)va_arg(*ap, int);
        f++;
    }
    if (f[0] == '.' && f[1] == '*') {
        s->most = (size_t)va_arg(*ap, int);
        f += 2;
    }
    for (; *f == 'l' || *f == 'z'; f++) {
        s->is_long = true;
    }
    return f;
}

static void put_conversion(struct rg_buf *b, char letter, const struct spec *s, va_list *ap) {
    switch (letter) {
    case 's':
        put_string(b, va_arg(*ap, const char *), s->most, s->left, s->width);
        break;
    case 'c': {
        char c = (char)va_arg(*ap, int);
        rg_buf_put(b, &c, 1);
        break;
    }
    case 'd': {
        long v = s->is_long ? va_arg(*ap, long) : va_arg(*ap, int);
        put_number(b, v < 0 ? -(unsigned long)v : (unsigned long)v, 10, v < 0, s->fill, s->width);
        break;
    }
    case 'u':
    case 'x': {
        unsigned long v = s->is_long ? va_arg(*ap, unsigned long) : va_arg(*ap, unsigned);
        put_number(b, v, letter == 'u' ? 10 : 16, false, s->fill, s->width);
        break;
    }
    case 'p':
        rg_buf_put(b, "0x", 2);
        put_number(b, (unsigned long)va_arg(*ap, void *), 16, false, ' ', 0);
        break;
    default:
        rg_buf_put(b, &letter, 1);
        break;
    }
}

void rg_buf_vfmt(struct rg_buf *b, const char *format, va_list ap) {
    va_list args;
    va_copy(args, ap);
    for (const char *f = format; *f;) {
        const char *percent = strchr(f, '%');
        if (!percent) {
            rg_buf_str(b, f);
            break;
        }
        rg_buf_put(b, f, (size_t)(percent - f));
        struct spec spec;
        f = parse_spec(percent + 1, &spec, &args);
        if (!*f) {
            break;
        }
        put_conversion(b, *f++, &spec, &args);
    }
    va_end(args);
}

void rg_buf_fmt(struct rg_buf *b, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    rg_buf_vfmt(b, format, ap);
    va_end(ap);
}

void rg_say(int fd, const char *format, ...) {
    char line[1000];
    struct rg_buf b;
    rg_buf_init(&b, line, sizeof line - 1);
    va_list ap;
    va_start(ap, format);
    rg_buf_vfmt(&b, format, ap);
    va_end(ap);
    rg_buf_put(&b, "\n", 1);
    if (b.truncated) {
        line[b.len - 1] = '\n';
    }
    size_t written;
    rg_write_all(fd, line, b.len, &written);
}
