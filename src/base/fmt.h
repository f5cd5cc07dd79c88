// SPDX-License-Identifier: MIT
// Text into a fixed buffer, without stdio, locale or malloc. Async-signal-safe, errno untouched.
// Text that does not fit is dropped and `truncated` is set; the buffer always stays a valid string.
#ifndef RG_BASE_FMT_H
#define RG_BASE_FMT_H

#include "base/compiler.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct rg_buf {
    char *data;     // owned by the caller, always ended by a zero byte
    size_t cap;     // bytes at data, at least 1
    size_t len;     // bytes written, without the zero byte; len < cap
    bool truncated; // something did not fit
};

void rg_buf_init(struct rg_buf *b, char *data, size_t cap);
void rg_buf_put(struct rg_buf *b, const char *text, size_t len);
void rg_buf_str(struct rg_buf *b, const char *text);

// A small printf: %s %c %d %u %x %p %%, with the length marks l, ll and z, a zero-padded or
// space-padded width, '-' for %s, and ".*" for %s.
void rg_buf_fmt(struct rg_buf *b, const char *format, ...) RG_PRINTF_LIKE(2, 3);
void rg_buf_vfmt(struct rg_buf *b, const char *format, va_list ap) RG_PRINTF_LIKE(2, 0);

// One short line to file descriptor fd in a single write, cut at 1,000 bytes.
void rg_say(int fd, const char *format, ...) RG_PRINTF_LIKE(2, 3);

#endif
