// SPDX-License-Identifier: MIT
// See top_text.h.
#include "top_text.h"

#include "need.h"

#include <langinfo.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

struct rg_trace_text rg_growth_text(int64_t bytes) {
    const struct rg_trace_text size =
        rg_bytes_text(bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes);
    struct rg_trace_text ret;
    snprintf(ret.text, sizeof ret.text, "%s%.30s",
             bytes < 0   ? "-"
             : bytes > 0 ? "+"
                         : "",
             size.text);
    return ret;
}

struct rg_trace_text rg_rate_text(double n) {
    struct rg_trace_text ret;
    if (n > 0 && n < 9.95) {
        snprintf(ret.text, sizeof ret.text, n < 0.05 ? "<0.1" : "%.1f", n);
        return ret;
    }
    return rg_count_text((uint64_t)(n + 0.5));
}

// The character at text and how many bytes and columns it takes; '?' where it is not to be shown.
static size_t read_character(const char *text, wchar_t *ret, size_t *ret_columns) {
    mbstate_t state = {0};
    size_t bytes = mbrtowc(ret, text, strlen(text), &state);
    const bool is_valid = bytes != (size_t)-1 && bytes != (size_t)-2 && bytes > 0;
    const int columns = is_valid ? wcwidth(*ret) : -1;
    if (columns < 0) {
        *ret = L'?';
    }
    *ret_columns = columns < 0 ? 1 : (size_t)columns;
    return is_valid ? bytes : 1;
}

size_t rg_top_columns(const char *text) {
    size_t sum = 0, columns;
    wchar_t c;
    while (*text) {
        text += read_character(text, &c, &columns);
        sum += columns;
    }
    return sum;
}

static char *put_cut(char *at, const char *text, size_t columns) {
    size_t sum = 0;
    while (*text) {
        wchar_t c;
        size_t wide;
        const size_t bytes = read_character(text, &c, &wide);
        if (sum + wide > columns) {
            break;
        }
        if (c == L'?') {
            *at++ = '?';
        } else {
            memcpy(at, text, bytes);
            at += bytes;
        }
        sum += wide;
        text += bytes;
    }
    *at = 0;
    return at;
}

char *rg_top_cut(const char *text, size_t columns) {
    char *copy = rg_need(strlen(text) + 4);
    if (rg_top_columns(text) <= columns) {
        put_cut(copy, text, columns);
    } else if (columns > 0) {
        const bool is_utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
        strcpy(put_cut(copy, text, columns - 1), is_utf8 ? "\xe2\x80\xa6" : "~");
    }
    return copy;
}
