// SPDX-License-Identifier: MIT
// See cmd_top_request.h.
#include "cmd_top_request.h"

#include "base/options.h"
#include "need.h"
#include "own_option.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: realloc-guard top [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
    "       realloc-guard top [OPTION]... -p PID\n"
    "\n"
    "Shows while a program runs where it allocates: the bytes that are live, by the function and\n"
    "line that has asked for them, how fast they grow, and how often realloc moves its block.\n"
    "PROGRAM is started under the guard, or PID is a process that was started with --trace=PATH.\n"
    "\n"
    "What the program writes is shown in the lowest lines, and written to standard output and\n"
    "standard error when the view ends. It can read standard input where that is no terminal.\n"
    "\n"
    "Options:\n"
    "  -p, --pid=PID       the process to look at\n"
    "  -b, --batch         print frames of plain text, as where standard output is no terminal\n"
    "  --interval=SECONDS  between two frames (1)\n"
    "  --frames=N          end the batch after as many; else with the program\n"
    "  --rows=N            rows of a frame in a batch (20)\n"
    "  --sort=COLUMN       live (the default), growth, allocs, reallocs, moved or temporary\n"
    "  --filter=TEXT       only sites whose function or file contains it\n"
    "  --keep=DIR          keep the traces there, for realloc-guard trace\n"
    "  --library=PATH      the librealloc_guard.so to load\n"
    "  --help              this text\n"
    "and those of the guard (see realloc-guard --help).\n"
    "\n"
    "Keys: arrows, enter for stacks, s to sort, / to filter, space to pause, p for programs that\n"
    "this one has started, h for help, q to quit.\n"
    "\n"
    "The exit status is the program's own, 0 with -p, or 125 where the tool could not work.\n"
    "\n"
    "A program of this name is run by: realloc-guard run top\n";

struct values {
    const char *library, *keep, *filter, *sort;
    double interval;
    uint64_t pid, frames, rows;
    bool is_batch;
};

static const char *const sorts[RG_TOP_SORTS] = {"live",     "growth", "allocs",
                                                "reallocs", "moved",  "temporary"};

static int set_sort(const char *text, struct rg_top_request *r) {
    for (size_t i = 0; text && i < RG_TOP_SORTS; i++) {
        if (!strcmp(text, sorts[i])) {
            r->sort = (enum rg_top_sort)i;
            return 0;
        }
    }
    return text ? rg_fail("top: option --sort: \"%s\" is no column; write live, growth, allocs, "
                          "reallocs, moved or temporary",
                          text)
                : 0;
}

static int take_option(char **argv, int *at, struct values *v) {
    const struct rg_own_option own[] = {
        {"pid", RG_OWN_NUMBER, &v->pid, 1, INT_MAX},
        {"batch", RG_OWN_FLAG, &v->is_batch, 0, 0},
        {"interval", RG_OWN_SECONDS, &v->interval, 0, 0},
        {"frames", RG_OWN_NUMBER, &v->frames, 1, INT_MAX},
        {"rows", RG_OWN_NUMBER, &v->rows, 1, 100000},
        {"sort", RG_OWN_TEXT, &v->sort, 0, 0},
        {"filter", RG_OWN_TEXT, &v->filter, 0, 0},
        {"keep", RG_OWN_TEXT, &v->keep, 0, 0},
        {"library", RG_OWN_TEXT, &v->library, 0, 0},
    };
    struct rg_word word = rg_word_split(argv[(*at)++]);
    for (size_t i = 0; i < RG_ARRAY_LEN(own); i++) {
        if (rg_word_is(&word, own[i].name)) {
            return rg_own_option_set(&own[i], &word, argv, at);
        }
    }
    if (rg_word_is(&word, "trace")) {
        return rg_fail("top: option --trace: top sets it; write --keep=DIR to keep the traces");
    }
    char *name = rg_need_part(word.name, word.len);
    for (char *c = name; *c; c++) {
        *c = *c == '-' ? '_' : *c;
    }
    const bool is_guards = rg_option_find(name, strlen(name)) != NULL;
    free(name);
    return is_guards ? rg_prepare_option(&word, argv, at)
                     : rg_own_option_unknown("top", own, RG_ARRAY_LEN(own), &word);
}

// The two that have a short form, which becomes the long one.
static int take_short(char **argv, int *at, struct values *v) {
    const char *word = argv[*at];
    if (!strcmp(word, "-b")) {
        ++*at;
        v->is_batch = true;
        return 0;
    }
    if (strncmp(word, "-p", 2) != 0) {
        return rg_fail("top: unknown option %s; top --help lists all", word);
    }
    ++*at;
    const char *value = word[2] ? word + 2 : argv[*at];
    if (!value) {
        return rg_fail("top: option -p has no value; write -p PID");
    }
    *at += !word[2];
    char *words[] = {rg_need_text("--pid=%s", value), NULL};
    int first = 0;
    return take_option(words, &first, v);
}

static int check(const struct values *v, struct rg_top_request *r) {
    if (!r->program && !v->pid) {
        return rg_fail("top: no program given; write realloc-guard top -- PROGRAM [ARGUMENT]..., "
                       "or -p PID, or \"run top\" for a program of that name");
    }
    if (r->program && v->pid) {
        return rg_fail("top: both -p %llu and a program, %s, are given; leave one out",
                       (unsigned long long)v->pid, r->program[0]);
    }
    if (v->pid && v->keep) {
        return rg_fail("top: --keep=%s: the trace of a process that runs already stays where it "
                       "is; leave it out",
                       v->keep);
    }
    r->pid = (pid_t)v->pid;
    r->library = v->library;
    r->keep = v->keep;
    r->filter = v->filter;
    r->is_batch = v->is_batch;
    r->interval = v->interval;
    r->frames = v->frames;
    r->rows = v->rows;
    return set_sort(v->sort, r);
}

int rg_top_request_parse(char **argv, struct rg_top_request *ret_request) {
    struct values v = {.interval = 1, .rows = 20};
    struct rg_top_request r = {0};
    int at = 1, status = 0;
    while (argv[at] && argv[at][0] == '-' && strcmp(argv[at], "--") != 0 && !status) {
        if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
            fputs(help, stdout);
            *ret_request = r;
            return 0;
        }
        status = argv[at][1] == '-' ? take_option(argv, &at, &v) : take_short(argv, &at, &v);
    }
    if (status) {
        return status;
    }
    at += argv[at] && !strcmp(argv[at], "--");
    r.program = argv[at] ? &argv[at] : NULL;
    status = check(&v, &r);
    *ret_request = r;
    return status;
}
