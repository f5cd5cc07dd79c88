// SPDX-License-Identifier: MIT
// Takes an options string apart. A malformed item costs exactly one complaint and never touches the
// items around it.
#include "base/options.h"

#include <string.h>

#define SEPARATORS ": \t\n\v\f\r"

// Holds the longest complaint: two quoted pieces of 60 bytes and the longest fixed text.
enum { LINE_CAP = 400 };

struct parser {
    struct rg_options *options;
    const char *at; // the next byte to read
    rg_options_complain_fn complain;
    void *arg;
};

enum shape { SHAPE_PLAIN, SHAPE_NO_VALUE, SHAPE_SPACED, SHAPE_OPEN_QUOTE, SHAPE_TAIL };

// One item as it was written.
struct item {
    enum shape shape;
    const char *name;
    size_t name_len;
    const char *value; // without its quotes; for SHAPE_TAIL, what follows the closing quote
    size_t value_len;
    char quote;
};

// Reads the value at p->at and leaves p->at at the separator behind it.
static void read_value(struct parser *p, struct item *item) {
    const char *v = p->at;
    item->value = v;
    item->value_len = strcspn(v, SEPARATORS);
    if (*v == '\'' || *v == '"') {
        item->quote = *v;
        const char *close = strchr(v + 1, *v);
        if (!close) {
            // Everything up to the end could have been meant. Give up this item only.
            item->shape = SHAPE_OPEN_QUOTE;
            p->at += item->value_len;
            return;
        }
        item->value = v + 1;
        item->value_len = (size_t)(close - item->value);
        p->at = close + 1;
        size_t tail = strcspn(p->at, SEPARATORS);
        if (tail > 0) {
            item->shape = SHAPE_TAIL;
            item->value = p->at;
            item->value_len = tail;
            p->at += tail;
        }
        return;
    }
    p->at += item->value_len;
}

// "name = value" is one mistake: what belongs to it is skipped as one item.
static void skip_spaced_value(struct parser *p) {
    p->at += strspn(p->at, " \t") + 1;
    const char *v = p->at + strspn(p->at, " \t");
    size_t len = strcspn(v, "=" SEPARATORS);
    if (v[len] != '=') {
        p->at = v + len;
    }
}

static struct item read_item(struct parser *p) {
    struct item item = {.name = p->at, .name_len = strcspn(p->at, "=" SEPARATORS)};
    p->at += item.name_len;
    if (*p->at == '=') {
        p->at++;
        read_value(p, &item);
        return item;
    }
    item.shape = SHAPE_NO_VALUE;
    if (p->at[strspn(p->at, " \t")] == '=') {
        item.shape = SHAPE_SPACED;
        skip_spaced_value(p);
    }
    return item;
}

static void complain(struct parser *p, const struct rg_buf *line) {
    if (p->complain) {
        p->complain(p->arg, line->data);
    }
}

static void complain_about_name(struct parser *p, const struct item *item) {
    char line[LINE_CAP];
    struct rg_buf b;
    rg_buf_init(&b, line, sizeof line);
    if (item->name_len == 0) {
        rg_buf_str(&b, "no option name before \"=\"; options are written name=value");
        complain(p, &b);
        return;
    }
    const struct rg_option_info *nearest = rg_option_nearest(item->name, item->name_len);
    rg_buf_str(&b, "unknown option ");
    rg_option_put_quoted(&b, item->name, item->name_len);
    if (nearest) {
        rg_buf_fmt(&b, "; did you mean \"%s\"?", nearest->name);
    }
    rg_buf_str(&b, nearest ? " (help=1 lists all)" : "; help=1 lists all");
    complain(p, &b);
}

// Tries the item on its option; on failure says why in `why`.
static bool apply(struct parser *p, const struct rg_option_info *info, const struct item *item,
                  struct rg_buf *why) {
    switch (item->shape) {
    case SHAPE_PLAIN:
        return rg_option_set(p->options, info, item->value, item->value_len, why);
    case SHAPE_NO_VALUE:
        rg_buf_fmt(why, "it has no value, write %s=VALUE", info->name);
        return false;
    case SHAPE_SPACED:
        rg_buf_fmt(why, "there is white space before \"=\", write %s=VALUE", info->name);
        return false;
    case SHAPE_OPEN_QUOTE:
        rg_buf_fmt(why, "the quote %c is never closed, end the value with another %c", item->quote,
                   item->quote);
        return false;
    case SHAPE_TAIL:
        rg_option_put_quoted(why, item->value, item->value_len);
        rg_buf_fmt(why, " follows the closing quote, put a \":\" before the next option");
        return false;
    }
    return false;
}

static void take_item(struct parser *p) {
    struct item item = read_item(p);
    const struct rg_option_info *info = rg_option_find(item.name, item.name_len);
    if (!info) {
        complain_about_name(p, &item);
        return;
    }
    char line[LINE_CAP];
    struct rg_buf b;
    rg_buf_init(&b, line, sizeof line);
    rg_buf_fmt(&b, "option %s: ", info->name);
    if (!apply(p, info, &item, &b)) {
        rg_buf_str(&b, "; kept ");
        rg_option_put_value(&b, p->options, info);
        complain(p, &b);
    }
}

void rg_options_parse(struct rg_options *o, const char *text, rg_options_complain_fn complain_fn,
                      void *arg) {
    struct parser p = {.options = o, .at = text ? text : "", .complain = complain_fn, .arg = arg};
    for (;;) {
        p.at += strspn(p.at, SEPARATORS);
        if (!*p.at) {
            return;
        }
        take_item(&p);
    }
}
