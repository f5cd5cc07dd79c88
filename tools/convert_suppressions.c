// SPDX-License-Identifier: MIT
// convert --to suppressions: lines that leave out the findings, for a file of the option suppressions. Each is a list of
// frames, so that nothing else is left out, as far as lines can tell: what cannot be written in a pattern is any text.
#include "convert.h"

#include "convert_facts.h"
#include "convert_fingerprint.h"
#include "need.h"
#include "text_out.h"

#include "base/suppression.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    OWN_FRAMES = 8,                 // as in a fingerprint
    ROOM = RG_SUPPRESSION_MOST - 96 // for a list; the kind is in front of it
};

static const char REPLACEMENT[] =
    "\xef\xbf\xbd"; // U+FFFD, which stands for bytes that are no character

// A pattern of the whole name.
static char *pattern_of(const char *name) {
    char *text = rg_need(strlen(name) + 3), *to = text;
    *to++ = '^';
    while (*name) {
        size_t replaced = strncmp(name, REPLACEMENT, 3) == 0 ? 3 : 0;
        bool is_any = replaced > 0 || *name == ';' || (unsigned char)*name < ' ' || *name == 0x7f;
        *to++ = is_any ? '*' : *name;
        name += replaced ? replaced : 1;
    }
    *to++ = '$';
    *to = 0;
    return text;
}

// Which frames of a system library are above the program's own depends on the processor: memcpy has many names.
static char *frame_pattern(const struct rg_value *frame, bool is_above_own) {
    const char *function = rg_value_text(frame, "function");
    const char *module = rg_value_text(frame, "module");
    bool has_module = module && *rg_base_name(module);
    if (function && *function && !(is_above_own && has_module)) {
        return pattern_of(function);
    }
    return has_module ? pattern_of(rg_base_name(module)) : rg_need_copy("*");
}

// Whether a pattern names something.
static bool is_name(const char *pattern) {
    return strspn(pattern, "^*$") < strlen(pattern);
}

// Who finds an overrun has not done it.
static const struct rg_value *stack_of(const struct rg_value *v) {
    return rg_value_at(v, !strcmp(rg_value_text(v, "trouble"), "overrun") ? "block.allocated.stack"
                                                                          : "stack");
}

// A line that is being made.
struct line {
    FILE *out;
    size_t used;
    bool is_full, has_name;
    bool is_wide; // of a frame of the program's own no more than the module is known
    unsigned own_frames;
};

static void add(struct line *l, const char *pattern) {
    const char *mark = l->used > 0 ? ";" : "";
    size_t more = strlen(mark) + strlen(pattern);
    l->is_full = l->is_full || l->used + more > ROOM;
    if (!l->is_full) {
        fprintf(l->out, "%s%s", mark, pattern);
        l->used += more;
        l->has_name = l->has_name || is_name(pattern);
    }
}

// As far as a misuse is told from others by its fingerprint: the innermost frames of the program's own, and a function that calls
// itself once, however often it does.
static void add_stack(struct line *l, const struct rg_value *stack) {
    bool is_above_own = true, is_repeated = false;
    char *last = NULL;
    for (const struct rg_value *f = stack ? stack->first : NULL;
         f && !l->is_full && l->own_frames < OWN_FRAMES; f = f->next) {
        is_above_own = is_above_own && rg_value_flag(f, "system");
        char *pattern = frame_pattern(f, is_above_own);
        bool is_same = last && !is_above_own && !strcmp(pattern, last);
        if (!is_same) {
            add(l, pattern);
            l->own_frames += !rg_value_flag(f, "system");
            l->is_wide =
                l->is_wide || (!rg_value_flag(f, "system") && !rg_value_text(f, "function"));
        } else if (!is_repeated) {
            add(l, "*");
        }
        is_repeated = is_same;
        free(last);
        last = pattern;
    }
    free(last);
}

// The line, to be freed; NULL: the stack names nothing.
static char *line_of(const struct rg_value *v, bool *ret_is_wide) {
    char *text = NULL;
    size_t len = 0;
    struct line l = {.out = rg_need_stream(&text, &len)};
    fprintf(l.out, "%s:frames: ", rg_value_text(v, "kind"));
    add_stack(&l, stack_of(v));
    fclose(l.out);
    *ret_is_wide = l.is_wide;
    if (!l.has_name) {
        free(text);
        return NULL;
    }
    return text;
}

// A log that was made by another version, or made up, may hold a kind that is none.
static bool is_read(const char *line) {
    char why[300];
    struct rg_buf b;
    struct rg_suppression s;
    rg_buf_init(&b, why, sizeof why);
    return rg_suppression_parse(line, strlen(line), &s, &b) == RG_SUPPRESSION_READ;
}

static void put_comment(FILE *out, const struct rg_merged *f, const struct rg_value *v) {
    fputs("# ", out);
    rg_put_printable(out, rg_value_text(v, "title"));
    fputs(": ", out);
    rg_put_printable(out, rg_value_text(v, "message"));
    fprintf(out, " (%" PRIu64 " time%s); fingerprint %s\n", f->occurrences,
            rg_plural(f->occurrences), rg_fingerprint_text(f->fingerprint).text);
}

static bool is_among(char **lines, size_t count, const char *line) {
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(lines[i], line)) {
            return true;
        }
    }
    return false;
}

void rg_convert_suppressions(struct rg_conversion *c) {
    char **lines = rg_need((c->merge.count + 1) * sizeof *lines);
    size_t count = 0;
    for (size_t i = 0; i < c->merge.count; i++) {
        const struct rg_value *v = rg_conversion_read(c, c->merge.findings[i]);
        bool is_wide = false;
        char *line = line_of(v, &is_wide);
        put_comment(c->out, c->merge.findings[i], v);
        if (!line || !is_read(line)) {
            fputs("# no line can name this one: its stack or its kind is not known\n", c->out);
            free(line);
        } else if (is_among(lines, count, line)) {
            fputs("# the same kind at the same stack as one above\n", c->out);
            free(line);
        } else {
            if (is_wide) {
                fputs("# names of functions are missing: it leaves out others of these modules, "
                      "too\n",
                      c->out);
            }
            fprintf(c->out, "%s\n", line);
            lines[count++] = line;
        }
    }
    for (size_t i = 0; i < count; i++) {
        free(lines[i]);
    }
    free(lines);
}
