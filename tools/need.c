// SPDX-License-Identifier: MIT
// See need.h.
#include "need.h"

#include "command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *check(void *memory) {
    if (!memory) {
        static const char text[] = "realloc-guard: out of memory; give the tool more\n";
        // Children die with their parent, see failures_run.c.
        ssize_t ignored = write(2, text, sizeof text - 1);
        (void)ignored;
        _exit(RG_EXIT_RUNNER);
    }
    return memory;
}

void *rg_need(size_t size) {
    return check(calloc(1, size ? size : 1));
}

void *rg_need_room(void *items, size_t count, size_t item_size) {
    if (count & (count - 1)) {
        return items;
    }
    return check(reallocarray(items, count ? 2 * count : 1, item_size));
}

void *rg_need_index(void *items, size_t *cap, size_t index, size_t item_size) {
    if (index < *cap) {
        return items;
    }
    size_t grown = *cap ? *cap : 64;
    while (grown <= index) {
        grown *= 2;
    }
    char *to = rg_need(grown * item_size);
    if (items) {
        memcpy(to, items, *cap * item_size);
    }
    free(items);
    *cap = grown;
    return to;
}

char *rg_need_copy(const char *text) {
    return check(strdup(text));
}

char *rg_need_part(const char *text, size_t len) {
    return check(strndup(text, len));
}

FILE *rg_need_stream(char **ret_text, size_t *ret_len) {
    return check(open_memstream(ret_text, ret_len));
}

char *rg_need_text(const char *format, ...) {
    char *text;
    va_list ap;
    va_start(ap, format);
    int len = vasprintf(&text, format, ap);
    va_end(ap);
    return check(len < 0 ? NULL : text);
}
