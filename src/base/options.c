// SPDX-License-Identifier: MIT
// The option table, and options one at a time: finding a row by name, setting a field from text,
// writing it back. options_parse.c takes a whole string apart, options_help.c shows the table.
#include "base/options.h"

#include <limits.h>
#include <string.h>

#define RG_OPTION_BOOL(name, initial, sentence)          .name = (initial),
#define RG_OPTION_INT(name, initial, min, max, sentence) .name = (initial),
#define RG_OPTION_ENUM(name, initial, words, sentence)   .name = (initial),
#define RG_OPTION_STRING(name, initial, sentence)        .name = initial,
#define RG_OPTION_LIST(name, sentence)                   .name = "",
struct rg_options rg_options = {
#include "base/options.def"
};
#undef RG_OPTION_BOOL
#undef RG_OPTION_INT
#undef RG_OPTION_ENUM
#undef RG_OPTION_STRING
#undef RG_OPTION_LIST

#define RG_ROW(n, t, ...)                                                                          \
    {.name = #n, .type = (t), .offset = offsetof(struct rg_options, n), __VA_ARGS__},
#define RG_OPTION_BOOL(n, i, s) RG_ROW(n, RG_TYPE_BOOL, .initial = (i), .sentence = s)
#define RG_OPTION_INT(n, i, lo, hi, s)                                                             \
    RG_ROW(n, RG_TYPE_INT, .initial = (i), .min = (lo), .max = (hi), .sentence = s)
#define RG_OPTION_ENUM(n, i, w, s)                                                                 \
    RG_ROW(n, RG_TYPE_ENUM, .initial = (i), .words = w, .sentence = s)
#define RG_OPTION_STRING(n, i, s) RG_ROW(n, RG_TYPE_STRING, .initial_text = i, .sentence = s)
#define RG_OPTION_LIST(n, s)                                                                       \
    RG_ROW(n, RG_TYPE_STRING, .initial_text = "", .adds = true, .sentence = s)
static const struct rg_option_info table[] = {
#include "base/options.def"
};
#undef RG_OPTION_BOOL
#undef RG_OPTION_INT
#undef RG_OPTION_ENUM
#undef RG_OPTION_STRING
#undef RG_OPTION_LIST
#undef RG_ROW

// Names longer than this are nobody's typing error of a row in the table.
enum { NAME_MOST = 40 };

const struct rg_option_info *rg_options_table(size_t *ret_count) {
    *ret_count = RG_ARRAY_LEN(table);
    return table;
}

const struct rg_option_info *rg_option_find(const char *name, size_t len) {
    for (size_t i = 0; i < RG_ARRAY_LEN(table); i++) {
        if (strlen(table[i].name) == len && !memcmp(table[i].name, name, len)) {
            return &table[i];
        }
    }
    return NULL;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

// Edit distance (insert, remove, replace, swap neighbours) of two names of at most NAME_MOST bytes.
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len) {
    size_t rows[3][NAME_MOST + 1];
    size_t *before = rows[0];
    size_t *above = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b_len; j++) {
        before[j] = above[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            bool same = a[i - 1] == b[j - 1];
            row[j] = least(above[j - 1] + !same, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
        size_t *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b_len];
}

const struct rg_option_info *rg_option_nearest(const char *name, size_t len) {
    if (len > NAME_MOST) {
        return NULL;
    }
    const struct rg_option_info *nearest = NULL;
    size_t nearest_distance = len / 3 + 1; // close: less than a third of it is wrong
    for (size_t i = 0; i < RG_ARRAY_LEN(table); i++) {
        size_t table_len = strlen(table[i].name);
        if (table_len <= NAME_MOST) {
            size_t d = distance(name, len, table[i].name, table_len);
            if (d < nearest_distance) {
                nearest = &table[i];
                nearest_distance = d;
            }
        }
    }
    return nearest;
}

void rg_option_put_quoted(struct rg_buf *b, const char *text, size_t len) {
    enum { MOST = 60 };
    rg_buf_str(b, "\"");
    for (size_t i = 0; i < len && i < MOST; i++) {
        char c = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
        rg_buf_put(b, &c, 1);
    }
    rg_buf_str(b, len > MOST ? "...\"" : "\"");
}

// The length of the word at the start of an enum's words.
static size_t word_len(const char *words) {
    return strcspn(words, "|");
}

static bool read_bool(const char *value, size_t len, bool *ret_value) {
    static const char *const words[] = {"0", "1", "no", "yes", "false", "true"};
    for (size_t i = 0; i < RG_ARRAY_LEN(words); i++) {
        if (strlen(words[i]) == len && !memcmp(words[i], value, len)) {
            *ret_value = i % 2;
            return true;
        }
    }
    return false;
}

// The value of a digit; 16 for what is none.
static int digit_of(char c) {
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c) : NULL;
    return at ? (int)(at - digits) : 16;
}

// Decimal, or hexadecimal with 0x in front.
static bool read_int(const char *value, size_t len, int *ret_value) {
    bool negative = len > 0 && value[0] == '-';
    size_t i = negative;
    bool is_hex = len > i + 2 && value[i] == '0' && (value[i + 1] == 'x' || value[i + 1] == 'X');
    i += is_hex ? 2 : 0;
    if (i == len) {
        return false;
    }
    long n = 0;
    for (const int base = is_hex ? 16 : 10; i < len; i++) {
        int digit = digit_of(value[i]);
        if (digit >= base || n > INT_MAX) {
            return false;
        }
        n = n * base + digit;
    }
    n = negative ? -n : n;
    if (n < INT_MIN || n > INT_MAX) {
        return false;
    }
    *ret_value = (int)n;
    return true;
}

static bool read_word(const char *words, const char *value, size_t len, int *ret_index) {
    int index = 0;
    for (const char *w = words;; w++, index++) {
        size_t n = word_len(w);
        if (n == len && !memcmp(w, value, len)) {
            *ret_index = index;
            return true;
        }
        w += n;
        if (!*w) {
            return false;
        }
    }
}

// Of a list, what is there already stays in front.
static bool set_string(char *field, bool adds, const char *value, size_t len, struct rg_buf *why) {
    size_t before = adds && len > 0 ? strlen(field) : 0;
    size_t at = before > 0 ? before + 1 : 0;
    if (at + len >= RG_OPTION_STRING_CAP) {
        rg_buf_fmt(why, "the value%s has %zu bytes, more than the %d that fit",
                   at > 0 ? ", with those before it," : "", at + len, RG_OPTION_STRING_CAP - 1);
        return false;
    }
    if (at > 0) {
        field[before] = ':';
    }
    memcpy(field + at, value, len);
    field[at + len] = 0;
    return true;
}

bool rg_option_set(struct rg_options *o, const struct rg_option_info *info, const char *value,
                   size_t len, struct rg_buf *why) {
    void *field = (char *)o + info->offset;
    int n;
    switch (info->type) {
    case RG_TYPE_BOOL:
        if (read_bool(value, len, field)) {
            return true;
        }
        rg_option_put_quoted(why, value, len);
        rg_buf_str(why, " is not one of 0, 1, no, yes, false, true");
        return false;
    case RG_TYPE_INT:
        if (read_int(value, len, &n) && n >= info->min && n <= info->max) {
            *(int *)field = n;
            return true;
        }
        rg_option_put_quoted(why, value, len);
        rg_buf_fmt(why, " is not a whole number from %d to %d", info->min, info->max);
        return false;
    case RG_TYPE_ENUM:
        if (read_word(info->words, value, len, field)) {
            return true;
        }
        rg_option_put_quoted(why, value, len);
        rg_buf_str(why, " is not one of ");
        rg_option_put_words(why, info, ", ", ", ");
        return false;
    case RG_TYPE_STRING:
        return set_string(field, info->adds, value, len, why);
    }
    return false;
}

static void put_number(struct rg_buf *b, const struct rg_option_info *info, int value) {
    if (info->type != RG_TYPE_ENUM) {
        rg_buf_fmt(b, "%d", value);
        return;
    }
    const char *word = info->words;
    for (; value > 0; value--) {
        word += word_len(word) + 1;
    }
    rg_buf_put(b, word, word_len(word));
}

void rg_option_put_value(struct rg_buf *b, const struct rg_options *o,
                         const struct rg_option_info *info) {
    const void *field = (const char *)o + info->offset;
    if (info->type == RG_TYPE_STRING) {
        rg_option_put_quoted(b, field, strlen(field));
    } else {
        put_number(b, info,
                   info->type == RG_TYPE_BOOL ? *(const bool *)field : *(const int *)field);
    }
}

void rg_option_put_default(struct rg_buf *b, const struct rg_option_info *info) {
    if (info->type == RG_TYPE_STRING) {
        rg_buf_str(b, info->initial_text[0] ? info->initial_text : "\"\"");
    } else {
        put_number(b, info, info->initial);
    }
}

void rg_option_put_words(struct rg_buf *b, const struct rg_option_info *info, const char *between,
                         const char *last) {
    for (const char *w = info->words;;) {
        size_t n = word_len(w);
        rg_buf_put(b, w, n);
        w += n;
        if (!*w) {
            return;
        }
        w++;
        rg_buf_str(b, strchr(w, '|') ? between : last);
    }
}
