// SPDX-License-Identifier: MIT
// See suppression.h.
#include "base/suppression.h"

#include "base/options.h"

#include <string.h>

static const char *const kinds[] = {
#define RG_KIND(operation, trouble, title, name) name,
#define RG_KIND_OF_ANY(trouble, title, name)     name,
#include "base/kinds.def"
#undef RG_KIND
#undef RG_KIND_OF_ANY
};

_Static_assert(RG_SUPPRESSION_MOST == 4096, "a message below says so");

struct text {
    const char *at;
    size_t len;
};

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct text trim(struct text t) {
    while (t.len > 0 && is_blank(t.at[0])) {
        t = (struct text){t.at + 1, t.len - 1};
    }
    while (t.len > 0 && is_blank(t.at[t.len - 1])) {
        t.len--;
    }
    return t;
}

static struct text skip(struct text t, size_t n) {
    return (struct text){t.at + n, t.len - n};
}

// What stands before the first of `end`, or all of it.
static struct text before(struct text t, char end) {
    const char *found = t.len > 0 ? memchr(t.at, end, t.len) : NULL;
    return (struct text){t.at, found ? (size_t)(found - t.at) : t.len};
}

static bool is_word(struct text t, const char *word) {
    return t.len == strlen(word) && memcmp(t.at, word, t.len) == 0;
}

static bool is_all_stars(struct text t) {
    for (size_t i = 0; i < t.len; i++) {
        if (t.at[i] != '*') {
            return false;
        }
    }
    return t.len > 0;
}

// Takes the next item off a list; after the last one list->at is NULL.
static struct text take_item(struct text *list) {
    struct text item = before(*list, ';');
    *list = item.len < list->len ? skip(*list, item.len + 1) : (struct text){NULL, 0};
    return trim(item);
}

// Whether the pattern stands for the name, or for a part of it that need not begin or end where the name does.
static bool stands_for(struct text pattern, const char *name, bool is_open_at_start,
                       bool is_open_at_end) {
    const char *at = pattern.at, *end = at + pattern.len;
    const char *star = is_open_at_start ? at : NULL, *retry = name;
    while (at < end || (!is_open_at_end && *name)) {
        if (at < end && *at == '*') {
            star = ++at;
            retry = name;
        } else if (at < end && *name && *at == *name) {
            at++;
            name++;
        } else if (star && *name) {
            // The last star stands for one more character.
            at = star;
            name = ++retry;
        } else {
            return false;
        }
    }
    return true;
}

// What is to be found in a name, and where.
struct pattern {
    struct text text;
    bool is_at_start, is_at_end;
    bool is_path;
};

static struct pattern read_pattern(struct text t) {
    struct pattern p = {.text = t};
    if (t.len > 0 && t.at[0] == '^') {
        p.is_at_start = true;
        p.text = skip(p.text, 1);
    }
    if (p.text.len > 0 && p.text.at[p.text.len - 1] == '$') {
        p.is_at_end = true;
        p.text.len--;
    }
    p.is_path = p.text.len > 0 && memchr(p.text.at, '/', p.text.len) != NULL;
    return p;
}

static bool name_matches(const struct pattern *p, const char *name) {
    return name && *name && stands_for(p->text, name, !p->is_at_start, !p->is_at_end);
}

static bool path_matches(const struct pattern *p, const char *path) {
    const char *slash = path && !p->is_path ? strrchr(path, '/') : NULL;
    return name_matches(p, slash ? slash + 1 : path);
}

static bool frame_matches(struct text pattern, const struct rg_suppression_frame *f) {
    struct pattern p = read_pattern(pattern);
    if (name_matches(&p, f->function) || path_matches(&p, f->file) || path_matches(&p, f->module)) {
        return true;
    }
    for (const char *s = f->symbols; s && *s; s += strlen(s) + 1) {
        if (name_matches(&p, s)) {
            return true;
        }
    }
    return false;
}

static bool list_matches(struct text list, const struct rg_suppression_frame *frames,
                         size_t count) {
    struct text star = {NULL, 0};
    size_t at = 0, retry = 0;
    while (list.at) {
        struct text rest = list, item = take_item(&rest);
        if (is_all_stars(item)) {
            list = star = rest;
            retry = at;
        } else if (at < count && frame_matches(item, &frames[at])) {
            list = rest;
            at++;
        } else if (star.at && at < count) {
            // The last star stands for one more frame.
            list = star;
            at = ++retry;
        } else {
            return false;
        }
    }
    return true;
}

bool rg_suppression_matches(const struct rg_suppression *s, const char *kind,
                            const struct rg_suppression_frame *frames, size_t count) {
    struct text pattern = {s->pattern, s->pattern_len};
    if (!stands_for((struct text){s->text, s->kind_len}, kind, false, false)) {
        return false;
    }
    if (s->is_list) {
        return list_matches(pattern, frames, count);
    }
    bool found = is_all_stars(pattern);
    for (size_t i = 0; i < count && !found; i++) {
        found = frame_matches(pattern, &frames[i]);
    }
    return found;
}

static bool is_kind(struct text kind) {
    for (size_t i = 0; i < RG_ARRAY_LEN(kinds); i++) {
        if (stands_for(kind, kinds[i], false, false)) {
            return true;
        }
    }
    return false;
}

static bool refuse(struct rg_buf *why, struct text item, const char *reason) {
    rg_option_put_quoted(why, item.at, item.len);
    rg_buf_fmt(why, " %s", reason);
    return false;
}

static bool check_pattern(struct text pattern, struct rg_buf *why) {
    return read_pattern(pattern).text.len > 0 ||
           refuse(why, pattern, "holds no name to look for; write * for any");
}

static bool check_list(struct text list, struct rg_buf *why) {
    for (struct text rest = list; rest.at;) {
        struct text item = take_item(&rest);
        if (item.len == 0) {
            return refuse(why, list,
                          "has an empty frame; write PATTERN;PATTERN, and * for any number of "
                          "frames");
        }
        if (is_word(item, "...")) {
            return refuse(why, item, "is no pattern; write * for any number of frames");
        }
        if (!check_pattern(item, why)) {
            return false;
        }
    }
    return true;
}

// Behind the kind: "frames:" and a list, but not "frames::f", which is a name.
static bool take_list_mark(struct text *pattern) {
    struct text word = before(*pattern, ':');
    struct text rest = word.len < pattern->len ? skip(*pattern, word.len + 1) : *pattern;
    if (!is_word(word, "frames") || word.len == pattern->len || (rest.len > 0 && *rest.at == ':')) {
        return false;
    }
    *pattern = trim(rest);
    return true;
}

static bool read_line(struct text line, struct rg_suppression *s, struct rg_buf *why) {
    struct text kind = before(line, ':');
    if (line.len > RG_SUPPRESSION_MOST) {
        return refuse(why, line, "is a line of more than 4096 bytes; use * for a part of it");
    }
    if (memchr(line.at, 0, line.len)) {
        return refuse(why, line, "holds a zero byte; is this a text file?");
    }
    if (kind.len == line.len) {
        return refuse(why, line, "has no \":\"; write KIND:PATTERN, as stale-write:copy_name");
    }
    struct text pattern = trim(skip(line, kind.len + 1));
    kind = trim(kind);
    if (kind.len == 0 || !is_kind(kind)) {
        return refuse(
            why, kind,
            "is no kind of finding; write its name as format=json does, as stale-write, or "
            "* for any");
    }
    s->is_list = take_list_mark(&pattern);
    s->text = line.at;
    s->text_len = line.len;
    s->kind_len = kind.len;
    s->pattern = pattern.at;
    s->pattern_len = pattern.len;
    return s->is_list ? check_list(pattern, why) : check_pattern(pattern, why);
}

enum rg_suppression_line rg_suppression_parse(const char *line, size_t len,
                                              struct rg_suppression *ret_suppression,
                                              struct rg_buf *why) {
    struct text t = trim((struct text){line, len});
    struct rg_suppression s = {0};
    if (t.len == 0 || t.at[0] == '#') {
        return RG_SUPPRESSION_NONE;
    }
    if (!read_line(t, &s, why)) {
        return RG_SUPPRESSION_REFUSED;
    }
    *ret_suppression = s;
    return RG_SUPPRESSION_READ;
}
