// SPDX-License-Identifier: MIT
// The option table for people: as plain text (help=1, realloc-guard --help) and as Markdown.
#include "base/options.h"

#include <string.h>

enum {
    WIDTH = 100,
    GAP = 2, // between columns
    MEANING_CAP = 600,
    DEFAULT_CAP = 64,
};

struct columns {
    size_t name;    // width of the first column, gap included
    size_t initial; // width of the second
};

// What the option takes and does, as one line.
static void put_meaning(struct rg_buf *b, const struct rg_option_info *info) {
    rg_buf_str(b, info->sentence);
    if (info->type == RG_TYPE_BOOL) {
        rg_buf_str(b, " (0 or 1)");
    } else if (info->type == RG_TYPE_INT) {
        rg_buf_fmt(b, " (%d to %d)", info->min, info->max);
    } else if (info->type == RG_TYPE_ENUM) {
        rg_buf_str(b, " (");
        rg_option_put_words(b, info, ", ", " or ");
        rg_buf_str(b, ")");
    }
}

static void put_blanks(struct rg_buf *b, size_t count) {
    rg_buf_fmt(b, "%-*s", (int)count, "");
}

// Puts text at column `left`, where the cursor is, breaking lines between words.
static void put_wrapped(struct rg_buf *b, const char *text, size_t left) {
    size_t column = left;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (column > left && column + 1 + word > WIDTH) {
            rg_buf_str(b, "\n");
            put_blanks(b, left);
            column = left;
        } else if (column > left) {
            rg_buf_str(b, " ");
            column++;
        }
        rg_buf_put(b, text, word);
        column += word;
        text += word;
        text += strspn(text, " ");
    }
    rg_buf_str(b, "\n");
}

static void put_row(struct rg_buf *b, const struct columns *c, const char *name,
                    const char *initial, const char *meaning) {
    rg_buf_fmt(b, "%-*s%-*s", (int)c->name, name, (int)c->initial, initial);
    put_wrapped(b, meaning, c->name + c->initial);
}

static size_t widest(size_t a, size_t b) {
    return a > b ? a : b;
}

static struct columns measure(const struct rg_option_info *rows, size_t count) {
    struct columns c = {.name = strlen("OPTION"), .initial = strlen("DEFAULT")};
    for (size_t i = 0; i < count; i++) {
        char text[DEFAULT_CAP];
        struct rg_buf initial;
        rg_buf_init(&initial, text, sizeof text);
        rg_option_put_default(&initial, &rows[i]);
        c.name = widest(c.name, strlen(rows[i].name));
        c.initial = widest(c.initial, initial.len);
    }
    c.name += GAP;
    c.initial += GAP;
    return c;
}

void rg_options_help(struct rg_buf *b) {
    size_t count;
    const struct rg_option_info *rows = rg_options_table(&count);
    struct columns c = measure(rows, count);
    put_row(b, &c, "OPTION", "DEFAULT", "MEANING");
    for (size_t i = 0; i < count; i++) {
        char initial_text[DEFAULT_CAP];
        struct rg_buf initial;
        rg_buf_init(&initial, initial_text, sizeof initial_text);
        rg_option_put_default(&initial, &rows[i]);
        char meaning_text[MEANING_CAP];
        struct rg_buf meaning;
        rg_buf_init(&meaning, meaning_text, sizeof meaning_text);
        put_meaning(&meaning, &rows[i]);
        put_row(b, &c, rows[i].name, initial_text, meaning_text);
    }
}

// Markdown text: '|' would end a cell, '<' and '*' would begin markup.
static void put_markdown(struct rg_buf *b, const char *text) {
    for (; *text; text++) {
        if (strchr("|<*\\", *text)) {
            rg_buf_str(b, "\\");
        }
        rg_buf_put(b, text, 1);
    }
}

void rg_options_help_markdown(struct rg_buf *b) {
    size_t count;
    const struct rg_option_info *rows = rg_options_table(&count);
    rg_buf_str(b, "| option | default | meaning |\n|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        rg_buf_fmt(b, "| `%s` | `", rows[i].name);
        rg_option_put_default(b, &rows[i]);
        rg_buf_str(b, "` | ");
        char meaning_text[MEANING_CAP];
        struct rg_buf meaning;
        rg_buf_init(&meaning, meaning_text, sizeof meaning_text);
        put_meaning(&meaning, &rows[i]);
        put_markdown(b, meaning_text);
        rg_buf_str(b, " |\n");
    }
}
