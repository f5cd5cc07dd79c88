// SPDX-License-Identifier: MIT
// Any bytes as a file of suppressions: each line is read, refused in one printable line, or nothing; what is read lies
// within the line, and can be compared with any stack. The names of that stack come from the same bytes.
#include "base/suppression.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FRAMES = 4 };

static void require(bool holds) {
    if (!holds) {
        abort();
    }
}

static bool is_within(const char *part, size_t part_len, const char *whole, size_t len) {
    return part >= whole && part + part_len <= whole + len;
}

static void check_refusal(const char *why) {
    size_t len = strlen(why);
    require(len > 0 && len < 400);
    for (size_t i = 0; i < len; i++) {
        require(why[i] >= ' ' && why[i] <= '~');
    }
}

static void check_matches(const struct rg_suppression *s, const char *name) {
    const char symbols[] = "_Z1fv\0g\0";
    const struct rg_suppression_frame frames[FRAMES] = {
        {.function = name, .file = "/src/a.c", .module = "/bin/prog", .symbols = symbols},
        {.function = "", .file = name, .module = name},
        {0},
        {.function = "main", .file = "main.c", .module = "prog"},
    };
    for (size_t n = 0; n <= FRAMES; n++) {
        bool matches = rg_suppression_matches(s, "stale-write", frames, n);
        // One more frame further out takes nothing away.
        require(!matches || n == FRAMES || rg_suppression_matches(s, "stale-write", frames, n + 1));
    }
    require(!rg_suppression_matches(s, "", frames, FRAMES) || s->text[0] == '*');
}

static void check_line(const char *line, size_t len, const char *name) {
    struct rg_suppression s = {.line = 17};
    char text[400];
    struct rg_buf why;
    rg_buf_init(&why, text, sizeof text);
    enum rg_suppression_line what = rg_suppression_parse(line, len, &s, &why);
    if (what == RG_SUPPRESSION_REFUSED) {
        check_refusal(text);
    } else {
        require(why.len == 0);
    }
    if (what != RG_SUPPRESSION_READ) {
        require(s.line == 17);
        return;
    }
    require(is_within(s.text, s.text_len, line, len));
    require(is_within(s.pattern, s.pattern_len, s.text, s.text_len));
    require(s.kind_len > 0 && s.pattern_len > 0 && s.text + s.kind_len < s.pattern);
    require(s.text_len <= RG_SUPPRESSION_MOST);
    check_matches(&s, name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = 0;
    for (size_t at = 0; at <= size;) {
        char *newline = memchr(text + at, '\n', size - at);
        size_t len = newline ? (size_t)(newline - text) - at : size - at;
        // A copy of exact size, so that a sanitizer sees every byte read past its end.
        char *line = malloc(len ? len : 1);
        require(line != NULL);
        memcpy(line, text + at, len);
        check_line(line, len, text);
        free(line);
        at += len + 1;
    }
    free(text);
    return 0;
}
