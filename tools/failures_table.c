// SPDX-License-Identifier: MIT
// See failures_table.h.
#include "failures_table.h"

#include "need.h"
#include "shell_word.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// Names of C++ functions can be as long as a page.
enum { FUNCTION_MOST = 60, SAID_MOST = 80, REPORT_LINES_MOST = 80 };

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static char *frame_text(const struct rg_site_frame *f) {
    char *place = f->file && f->line ? rg_need_text("%s:%d", last_part(f->file), f->line)
                                     : rg_need_text("%s+0x%" PRIx64, last_part(f->path), f->offset);
    if (!f->function) {
        return place;
    }
    bool is_long = strlen(f->function) > FUNCTION_MOST;
    char *text = rg_need_text("%.*s%s %s%s%s", FUNCTION_MOST, f->function, is_long ? "..." : "",
                              f->file ? "" : "(", place, f->file ? "" : ")");
    free(place);
    return text;
}

char *rg_site_text(const struct rg_site *site) {
    char *text = frame_text(&site->frames[0]);
    for (size_t i = 1; i < site->depth; i++) {
        char *frame = frame_text(&site->frames[i]);
        char *longer = rg_need_text("%s < %s", text, frame);
        free(text);
        free(frame);
        text = longer;
    }
    return text;
}

bool rg_site_contains(const struct rg_site *site, const char *text) {
    for (size_t i = 0; i < site->depth; i++) {
        const struct rg_site_frame *f = &site->frames[i];
        if ((f->function && strstr(f->function, text)) || (f->file && strstr(f->file, text)) ||
            strstr(f->path, text)) {
            return true;
        }
    }
    return false;
}

void rg_table_put_sites(FILE *out, const struct rg_site *sites, size_t count) {
    fprintf(out, "%-10s  %12s  %s\n", "site", "calls", "where");
    for (size_t i = 0; i < count; i++) {
        char *where = rg_site_text(&sites[i]);
        char *label = rg_need_text("site %zu", sites[i].number);
        fprintf(out, "%-10s  %12" PRIu64 "  %s\n", label, sites[i].calls, where);
        free(label);
        free(where);
    }
}

static char *case_where(const struct rg_case *c) {
    return c->site ? rg_site_text(c->site) : rg_need_copy(c->result.place);
}

struct widths {
    int label, calls, detail;
};

static int wider(int width, int len) {
    return len > width ? len : width;
}

static struct widths measure(const struct rg_case *cases, size_t count) {
    struct widths w = {.label = 3, .calls = 5, .detail = 6};
    for (size_t i = 0; i < count; i++) {
        w.label = wider(w.label, (int)strlen(cases[i].label));
        if (cases[i].site) {
            w.calls = wider(w.calls, snprintf(NULL, 0, "%" PRIu64, cases[i].site->calls));
        }
        if (cases[i].done) {
            w.detail = wider(w.detail, (int)strlen(cases[i].result.detail));
        }
    }
    return w;
}

static int compare_cases(const void *a, const void *b) {
    const struct rg_case *x = a, *y = b;
    int of_x = x->done ? rg_result_weight(&x->result) : -1;
    int of_y = y->done ? rg_result_weight(&y->result) : -1;
    return of_x != of_y ? of_y - of_x : x->rank < y->rank ? -1 : 1;
}

void rg_table_sort(struct rg_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        cases[i].rank = i;
    }
    if (count > 1) {
        qsort(cases, count, sizeof *cases, compare_cases);
    }
}

static void put_case(FILE *out, const struct rg_case *c, struct widths w) {
    char *where = case_where(c);
    char *calls = c->site ? rg_need_text("%" PRIu64, c->site->calls) : rg_need_copy("");
    fprintf(out, "%-*s  %*s  %-14s  %-*s  %s", w.label, c->label, w.calls, calls,
            rg_outcome_word(c->result.outcome), w.detail, c->result.detail, *where ? where : "-");
    if (*c->result.said) {
        bool is_long = strlen(c->result.said) > SAID_MOST;
        int len = is_long ? (int)rg_whole_characters(c->result.said, SAID_MOST) : SAID_MOST;
        fprintf(out, "  \"%.*s%s\"", len, c->result.said, is_long ? "..." : "");
    }
    fputc('\n', out);
    free(calls);
    free(where);
}

void rg_table_put_cases(FILE *out, const struct rg_case *cases, size_t count) {
    struct widths w = measure(cases, count);
    fprintf(out, "%-*s  %*s  %-14s  %-*s  %s\n", w.label, "run", w.calls, "calls", "outcome",
            w.detail, "detail", "where");
    for (size_t i = 0; i < count; i++) {
        if (cases[i].done) {
            put_case(out, &cases[i], w);
        }
    }
}

static void put_word(FILE *out, const char *before, const char *word) {
    char *quoted = rg_shell_word(word);
    fprintf(out, "%s%s", before, quoted);
    free(quoted);
}

static void put_command(FILE *out, const struct rg_case *c, const struct rg_repeat *how) {
    char *fails = rg_need_text("--fail_realloc=%s", c->fails);
    put_word(out, "", how->tool);
    if (how->library) {
        put_word(out, " --library=", how->library);
    }
    for (size_t i = 0; i < how->option_count; i++) {
        put_word(out, " ", how->options[i]);
    }
    put_word(out, " ", fails);
    fputs(" --", out);
    for (char **word = how->program; *word; word++) {
        put_word(out, " ", *word);
    }
    put_word(out, " <", how->input);
    fputc('\n', out);
    free(fails);
}

// The guard's lines, indented. There may be an empty one at the end.
static void put_lines(FILE *out, const char *text) {
    for (int lines = 0; *text; lines++) {
        size_t len = strcspn(text, "\n");
        if (len == 0) {
            text++;
            continue;
        }
        if (lines == REPORT_LINES_MOST) {
            fputs("    ... (the command above shows the rest)\n", out);
            return;
        }
        fprintf(out, "    %.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

void rg_table_put_reports(FILE *out, const struct rg_case *cases, size_t count,
                          const struct rg_repeat *how) {
    for (size_t i = 0; i < count; i++) {
        const struct rg_case *c = &cases[i];
        if (!c->done || !rg_outcome_is_bad(c->result.outcome)) {
            continue;
        }
        char *where = case_where(c);
        fprintf(out, "\n%s, %s: %s (%s)\n  again: ", c->label, *where ? where : "an unknown place",
                rg_outcome_word(c->result.outcome), c->result.detail);
        put_command(out, c, how);
        if (*c->result.said) {
            fprintf(out, "  the program said: %s\n", c->result.said);
        }
        put_lines(out, c->result.report);
        free(where);
    }
}

char *rg_table_sums(const struct rg_case *cases, size_t count) {
    size_t sums[RG_OUTCOMES] = {0};
    char *text = rg_need_copy("");
    for (size_t i = 0; i < count; i++) {
        sums[cases[i].result.outcome] += cases[i].done;
    }
    for (int o = 0; o < RG_OUTCOMES; o++) {
        if (sums[o] > 0) {
            char *longer = rg_need_text("%s%s%zu %s", text, *text ? ", " : "", sums[o],
                                        rg_outcome_word((enum rg_outcome)o));
            free(text);
            text = longer;
        }
    }
    return text;
}
