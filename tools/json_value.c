// SPDX-License-Identifier: MIT
// See json_value.h. Strings are decoded where they are: what is decoded is never longer than what was written, but
// for U+0000, of which \u0000 has room for the three bytes of U+FFFD.
//
// Why not json-c, which distributions have: its parser (0.16, also with JSON_TOKENER_STRICT and JSON_TOKENER_VALIDATE_UTF8)
// makes 2^64-1 of all larger integers without saying so, and keeps the last of members with one key. It takes for JSON what others that get
// the text from here refuse: NaN and Infinity, 1., names in single quotes, control characters in strings, surrogates in UTF-8.
#include "json_value.h"

#include "need.h"
#include "utf8.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

struct parser {
    struct rg_document *d;
    char *begin;
    char *at;
    int depth;
};

static bool parse_value(struct parser *p, const char *key, struct rg_value **ret_value);

static bool fail(struct parser *p, const char *what) {
    if (!p->d->what) {
        p->d->what = what;
        p->d->column = (size_t)(p->at - p->begin) + 1;
    }
    return false;
}

static void skip_blanks(struct parser *p) {
    p->at += strspn(p->at, " \t\r\n");
}

// Four hexadecimal digits.
static bool parse_unit(struct parser *p, unsigned *ret_unit) {
    unsigned unit = 0;
    for (int i = 0; i < 4; i++, p->at++) {
        if (!isxdigit((unsigned char)*p->at)) {
            return fail(p, "\\u without four hexadecimal digits");
        }
        unsigned c = (unsigned char)*p->at | 0x20U;
        unit = unit << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret_unit = unit;
    return true;
}

static bool parse_unicode(struct parser *p, char **to) {
    unsigned c;
    if (!parse_unit(p, &c)) {
        return false;
    }
    if (c >= 0xd800 && c <= 0xdbff && !strncmp(p->at, "\\u", 2)) {
        unsigned low;
        p->at += 2;
        if (!parse_unit(p, &low)) {
            return false;
        }
        c = low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : 0;
    }
    *to = rg_utf8_put(*to, c == 0 || (c >= 0xd800 && c <= 0xdfff) ? 0xfffd : c);
    return true;
}

static bool parse_escape(struct parser *p, char **to) {
    static const char names[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    p->at++;
    const char *name = *p->at ? strchr(names, *p->at) : NULL;
    if (name) {
        *(*to)++ = meant[name - names];
        p->at++;
        return true;
    }
    if (*p->at != 'u') {
        return fail(p, "an unknown escape in a string");
    }
    p->at++;
    return parse_unicode(p, to);
}

static bool parse_string(struct parser *p, const char **ret_text) {
    char *to = ++p->at;
    *ret_text = to;
    while (*p->at != '"') {
        if (*p->at == '\\') {
            if (!parse_escape(p, &to)) {
                return false;
            }
            continue;
        }
        if ((unsigned char)*p->at < ' ') {
            return fail(p,
                        *p->at ? "a control character in a string" : "a string that does not end");
        }
        size_t bytes = rg_utf8_bytes(p->at);
        if (bytes == 0) {
            return fail(p, "a byte that is not UTF-8");
        }
        memmove(to, p->at, bytes);
        to += bytes;
        p->at += bytes;
    }
    p->at++;
    *to = 0;
    return true;
}

static bool skip_digits(struct parser *p) {
    size_t digits = strspn(p->at, "0123456789");
    p->at += digits;
    return digits > 0 || fail(p, "a number that lacks digits");
}

static bool skip_number(struct parser *p) {
    p->at += *p->at == '-';
    if (*p->at == '0') {
        p->at++;
    } else if (!skip_digits(p)) {
        return false;
    }
    if (*p->at == '.') {
        p->at++;
        if (!skip_digits(p)) {
            return false;
        }
    }
    if (*p->at == 'e' || *p->at == 'E') {
        p->at++;
        p->at += *p->at == '+' || *p->at == '-';
        return skip_digits(p);
    }
    return true;
}

// Moves it over the character before it, which has been read, so that there is room for the end of its text.
static bool parse_number(struct parser *p, struct rg_value *v) {
    char *begin = p->at;
    if (!skip_number(p)) {
        return false;
    }
    memmove(begin - 1, begin, (size_t)(p->at - begin));
    p->at[-1] = 0;
    v->type = RG_VALUE_NUMBER;
    v->text = begin - 1;
    return true;
}

static bool parse_word(struct parser *p, struct rg_value *v) {
    static const char *const words[] = {
        [RG_VALUE_NULL] = "null", [RG_VALUE_FALSE] = "false", [RG_VALUE_TRUE] = "true"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i]);
        if (!strncmp(p->at, words[i], len)) {
            v->type = (enum rg_value_type)i;
            p->at += len;
            return true;
        }
    }
    return fail(p, *p->at ? "something that is no JSON value" : "no end");
}

// Elements or members up to the closing bracket.
static bool parse_items(struct parser *p, struct rg_value *v, char close) {
    struct rg_value **next = &v->first;
    p->at++;
    skip_blanks(p);
    if (*p->at == close) {
        p->at++;
        return true;
    }
    for (;;) {
        const char *key = NULL;
        skip_blanks(p);
        if (close == '}') {
            if (*p->at != '"') {
                return fail(p, *p->at ? "an object whose key is no string" : "no end");
            }
            if (!parse_string(p, &key)) {
                return false;
            }
            skip_blanks(p);
            if (*p->at++ != ':') {
                p->at--;
                return fail(p, "a key without a colon");
            }
        }
        if (!parse_value(p, key, next)) {
            return false;
        }
        next = &(*next)->next;
        skip_blanks(p);
        if (*p->at == close) {
            p->at++;
            return true;
        }
        if (*p->at != ',') {
            return fail(p, *p->at ? "a missing comma" : "no end");
        }
        p->at++;
    }
}

static bool parse_value(struct parser *p, const char *key, struct rg_value **ret_value) {
    struct rg_value *v = &p->d->values[p->d->count];
    skip_blanks(p);
    if (p->depth == DEPTH_MAX) {
        return fail(p, "more than 64 brackets in one another");
    }
    p->d->count++;
    *v = (struct rg_value){.key = key, .text = ""};
    bool is_read;
    p->depth++;
    if (*p->at == '{') {
        v->type = RG_VALUE_OBJECT;
        is_read = parse_items(p, v, '}');
    } else if (*p->at == '[') {
        v->type = RG_VALUE_ARRAY;
        is_read = parse_items(p, v, ']');
    } else if (*p->at == '"') {
        v->type = RG_VALUE_STRING;
        is_read = parse_string(p, &v->text);
    } else if (*p->at == '-' || isdigit((unsigned char)*p->at)) {
        is_read = parse_number(p, v);
    } else {
        is_read = parse_word(p, v);
    }
    p->depth--;
    *ret_value = v;
    return is_read;
}

// Each value but the first stands behind one of these.
static size_t most_values(const char *text, size_t len) {
    size_t count = 1;
    for (size_t i = 0; i < len; i++) {
        count += text[i] == '[' || text[i] == '{' || text[i] == ',' || text[i] == ':';
    }
    return count;
}

static void make_room(struct rg_document *d, size_t bytes, size_t values) {
    if (d->text_cap < bytes) {
        free(d->text);
        d->text = rg_need(bytes);
        d->text_cap = bytes;
    }
    if (d->cap < values) {
        free(d->values);
        d->values = rg_need(values * sizeof *d->values);
        d->cap = values;
    }
}

const struct rg_value *rg_document_read(struct rg_document *d, const char *text, size_t len) {
    make_room(d, len + 2, most_values(text, len));
    // The first byte is room for a number to be moved into.
    d->text[0] = ' ';
    memcpy(d->text + 1, text, len);
    d->text[len + 1] = 0;
    d->count = 0;
    d->what = NULL;
    struct parser p = {.d = d, .begin = d->text + 1, .at = d->text + 1};
    struct rg_value *root;
    if (!parse_value(&p, NULL, &root)) {
        return NULL;
    }
    skip_blanks(&p);
    if (p.at != p.begin + len) {
        fail(&p, "something behind its end");
        return NULL;
    }
    return root;
}

void rg_document_done(struct rg_document *d) {
    free(d->text);
    free(d->values);
    *d = (struct rg_document){0};
}

const struct rg_value *rg_value_at(const struct rg_value *v, const char *path) {
    while (v) {
        size_t len = strcspn(path, ".");
        const struct rg_value *member = v->type == RG_VALUE_OBJECT ? v->first : NULL;
        while (member && (strncmp(member->key, path, len) != 0 || member->key[len])) {
            member = member->next;
        }
        if (!path[len]) {
            return member;
        }
        v = member;
        path += len + 1;
    }
    return NULL;
}

const char *rg_value_text(const struct rg_value *v, const char *path) {
    const struct rg_value *found = rg_value_at(v, path);
    return found && found->type == RG_VALUE_STRING ? found->text : NULL;
}

bool rg_value_number(const struct rg_value *v, const char *path, uint64_t *ret_number) {
    const struct rg_value *found = rg_value_at(v, path);
    if (!found || found->type != RG_VALUE_NUMBER ||
        found->text[strspn(found->text, "0123456789")]) {
        return false;
    }
    errno = 0;
    uint64_t number = strtoull(found->text, NULL, 10);
    if (errno) {
        return false;
    }
    *ret_number = number;
    return true;
}

uint64_t rg_value_number_or_0(const struct rg_value *v, const char *path) {
    uint64_t number = 0;
    rg_value_number(v, path, &number);
    return number;
}

bool rg_value_flag(const struct rg_value *v, const char *path) {
    const struct rg_value *found = rg_value_at(v, path);
    return found && found->type == RG_VALUE_TRUE;
}
