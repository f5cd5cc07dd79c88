// SPDX-License-Identifier: MIT
// See suppression_file.h. No state.
#include "base/suppression_file.h"

#include "base/arena.h"
#include "base/options.h"
#include "base/sys.h"

#include <string.h>

// Holds the name of a file and the longest complaint about a line of it.
enum { COMPLAINT_CAP = RG_OPTION_STRING_CAP + 400 };

struct reader {
    rg_suppressions_complain_fn complain;
    void *arg;
    char *room;  // for what is still to be read
    size_t left; // so many bytes, and two more
};

// A file that has been read.
struct file {
    const struct reader *reader;
    const char *name;
    char *text;
    size_t len;
    unsigned line; // how many were taken
    unsigned refused;
    struct rg_suppression *items; // NULL: they are only counted
    size_t count;
};

static void begin(struct rg_buf *b, char *text, const char *name) {
    rg_buf_init(b, text, COMPLAINT_CAP);
    rg_buf_fmt(b, "suppressions: %s", name);
}

static void complain(const struct reader *r, const char *name, const char *what) {
    char text[COMPLAINT_CAP];
    struct rg_buf b;
    begin(&b, text, name);
    rg_buf_str(&b, what);
    r->complain(r->arg, text);
}

static void complain_about_line(const struct file *f, const char *what) {
    char text[COMPLAINT_CAP];
    struct rg_buf b;
    begin(&b, text, f->name);
    rg_buf_fmt(&b, ":%u: %s", f->line, what);
    f->reader->complain(f->reader->arg, text);
}

static void take_line(struct file *f, char *line, size_t len) {
    char reason[400];
    struct rg_buf why;
    struct rg_suppression s;
    f->line++;
    rg_buf_init(&why, reason, sizeof reason);
    enum rg_suppression_line what = rg_suppression_parse(line, len, &s, &why);
    if (what == RG_SUPPRESSION_READ) {
        if (f->items) {
            s.line = f->line;
            line[(size_t)(s.text - line) + s.text_len] = 0;
            f->items[f->count] = s;
        }
        f->count++;
    } else if (what == RG_SUPPRESSION_REFUSED && f->items && f->refused++ < RG_SUPPRESSIONS_NAMED) {
        complain_about_line(f, reason);
    }
}

// The byte behind each line is there to be overwritten.
static void take_lines(struct file *f) {
    f->line = 0;
    f->count = 0;
    for (size_t at = 0; at < f->len;) {
        char *line = f->text + at;
        char *newline = memchr(line, '\n', f->len - at);
        size_t len = newline ? (size_t)(newline - line) : f->len - at;
        take_line(f, line, len);
        at += len + 1;
    }
}

// Where the last whole line ends of those that begin a text.
static size_t whole_lines(const char *text, size_t len) {
    while (len > 0 && text[len - 1] != '\n') {
        len--;
    }
    return len;
}

static struct rg_suppressions *parse(struct file *f) {
    take_lines(f);
    // Room for one at least, so that complaints are made.
    f->items = rg_arena_alloc((f->count + 1) * sizeof *f->items);
    struct rg_suppressions *found = rg_arena_alloc(sizeof *found);
    if (!f->items || !found) {
        complain(f->reader, f->name, " cannot be kept, for there is no memory");
        return NULL;
    }
    take_lines(f);
    *found = (struct rg_suppressions){.file = f->name, .items = f->items, .count = f->count};
    if (f->refused > RG_SUPPRESSIONS_NAMED) {
        char more[100];
        struct rg_buf b;
        rg_buf_init(&b, more, sizeof more);
        rg_buf_fmt(&b, ": %u more lines are malformed", f->refused - RG_SUPPRESSIONS_NAMED);
        complain(f->reader, f->name, more);
    }
    return f->count > 0 ? found : NULL;
}

static void complain_about_size(struct file *f) {
    char what[300];
    struct rg_buf b;
    rg_buf_init(&b, what, sizeof what);
    rg_buf_fmt(&b,
               ":%u: from this line on there are more than the %d bytes that are read of all "
               "files; remove "
               "what is not used, print_suppressions=1 tells what is",
               f->line + 1, RG_SUPPRESSIONS_MOST);
    complain(f->reader, f->name, what);
}

static struct rg_suppressions *read_file(struct reader *r, const char *name) {
    long n = rg_read_file(name, r->room, r->left + 2);
    if (n < 0) {
        char what[200];
        struct rg_buf b;
        rg_buf_init(&b, what, sizeof what);
        rg_buf_fmt(
            &b,
            " cannot be read (%s); name a file that can, by its whole path where programs start in "
            "other folders",
            strerrordesc_np((int)-n));
        complain(r, name, what);
        return NULL;
    }
    struct file f = {.reader = r, .name = name, .text = r->room, .len = (size_t)n};
    bool is_cut = f.len > r->left;
    if (is_cut) {
        f.len = whole_lines(f.text, r->left);
    }
    r->left = is_cut ? 0 : r->left - f.len;
    r->room += f.len + 1;
    struct rg_suppressions *found = parse(&f);
    if (is_cut) {
        complain_about_size(&f);
    }
    return found;
}

struct rg_suppressions *rg_suppressions_read(const char *files,
                                             rg_suppressions_complain_fn complain_fn, void *arg) {
    struct reader r = {complain_fn, arg, NULL, RG_SUPPRESSIONS_MOST};
    struct rg_suppressions *first = NULL, **end = &first;
    size_t names = strlen(files) + 1;
    char *name = rg_arena_alloc(names);
    // Each file is followed by a zero byte.
    r.room = rg_arena_alloc(RG_SUPPRESSIONS_MOST + names + 2);
    if (!name || !r.room) {
        complain(&r, files, " cannot be read, for there is no memory");
        return NULL;
    }
    memcpy(name, files, names);
    for (char *next = name; next; name = next) {
        next = strchr(name, ':');
        if (next) {
            *next++ = 0;
        }
        struct rg_suppressions *found = *name ? read_file(&r, name) : NULL;
        if (found) {
            *end = found;
            end = &found->next;
        }
    }
    return first;
}
