// SPDX-License-Identifier: MIT
// See shell_word.h.
#include "shell_word.h"

#include "need.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// Bytes of the character of UTF-8 at text that a terminal shows; 0 where there is none.
static size_t visible_character(const char *text) {
    unsigned char c = (unsigned char)*text;
    size_t len = c < 0x20 || c == 0x7f ? 0
                 : c < 0x80            ? 1
                 : c < 0xc2            ? 0
                 : c < 0xe0            ? 2
                 : c < 0xf0            ? 3
                 : c < 0xf5            ? 4
                                       : 0;
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    // The control characters above 0x7f are written c2 80 to c2 9f.
    return len == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0 ? 0 : len;
}

static bool is_visible(const char *text) {
    for (size_t len; *text; text += len) {
        len = visible_character(text);
        if (len == 0) {
            return false;
        }
    }
    return true;
}

// As bash, ksh and zsh take it: $'a\nb'.
static char *escaped_word(const char *word) {
    char *text = rg_need(4 * strlen(word) + 4), *to = stpcpy(text, "$'");
    for (size_t len; *word; word += len) {
        size_t visible = visible_character(word);
        len = visible ? visible : 1;
        if (!visible) {
            to += sprintf(to, "\\%03o", (unsigned char)*word);
        } else {
            to = stpcpy(to, *word == '\'' || *word == '\\' ? "\\" : "");
            to = mempcpy(to, word, len);
        }
    }
    *to = '\'';
    return text;
}

char *rg_shell_word(const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "%+,-./:=@_";
    if (*word && word[strspn(word, plain)] == 0) {
        return rg_need_copy(word);
    }
    if (!is_visible(word)) {
        return escaped_word(word);
    }
    char *text = rg_need(4 * strlen(word) + 3), *to = text;
    *to++ = '\'';
    for (; *word; word++) {
        if (*word == '\'') {
            to = stpcpy(to, "'\\''");
        } else {
            *to++ = *word;
        }
    }
    *to = '\'';
    return text;
}
