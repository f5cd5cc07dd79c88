// SPDX-License-Identifier: MIT
// See convert_runs.h.
#include "convert_runs.h"

#include "convert_fingerprint.h"
#include "need.h"
#include "text_hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Of a command line this much tells one process from another.
enum { COMMAND_CAP = 500 };

static void drop_run(void *item) {
    struct rg_run *run = item;
    if (--run->users == 0) {
        free(run->command);
        free(run);
    }
}

static void drop_finding_runs(void *item) {
    struct rg_finding_runs *f = item;
    for (size_t i = 0; i < f->count; i++) {
        drop_run(f->runs[i]);
    }
    free(f);
}

static void count_text(struct rg_tallies *t, const char *text, uint64_t count) {
    void **item = rg_number_map_get(&t->by_text, rg_text_hash(text));
    if (!*item) {
        struct rg_tally *tally = rg_need(sizeof *tally);
        tally->text = rg_need_copy(text);
        t->items = rg_need_room(t->items, t->count, sizeof(struct rg_tally *));
        t->items[t->count++] = tally;
        *item = tally;
    }
    ((struct rg_tally *)*item)->count += count;
}

static void put_word(FILE *out, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:=,+@%";
    if (*word && !word[strspn(word, plain)]) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word; word++) {
        if (*word == '\'') {
            fputs("'\\''", out);
        } else {
            fputc(*word, out);
        }
    }
    fputc('\'', out);
}

// The members or elements that are strings, separated by spaces. To be freed.
static char *words_of(const struct rg_value *v) {
    char *text;
    size_t len;
    FILE *out = rg_need_stream(&text, &len);
    bool is_behind = false;
    for (const struct rg_value *word = v ? v->first : NULL; word; word = word->next) {
        if (word->type == RG_VALUE_STRING) {
            fputs(is_behind ? " " : "", out);
            if (word->key) {
                fprintf(out, "%s=", word->key);
            }
            put_word(out, word->text);
            is_behind = true;
        }
    }
    fclose(out);
    return text;
}

static char *command_of(const struct rg_value *start) {
    char *words = words_of(rg_value_at(start, "arguments"));
    bool is_long = strlen(words) > COMMAND_CAP;
    if (!is_long && !rg_value_flag(start, "arguments_cut")) {
        return words;
    }
    size_t len = is_long ? COMMAND_CAP : strlen(words);
    // Not within a character.
    while (is_long && len > 0 && ((unsigned char)words[len] & 0xc0) == 0x80) {
        len--;
    }
    char *command = rg_need_text("%.*s ...", (int)len, words);
    free(words);
    return command;
}

static void set_run(struct rg_runs *r, uint64_t pid, struct rg_run *run) {
    void **item = rg_number_map_get(&r->of_file, pid);
    if (*item) {
        drop_run(*item);
    }
    *item = run;
}

static struct rg_run *new_run(struct rg_runs *r, uint64_t pid) {
    struct rg_run *run = rg_need(sizeof *run);
    *run = (struct rg_run){.time = INFINITY, .pid = pid, .users = 1};
    set_run(r, pid, run);
    return run;
}

static void take_start(struct rg_runs *r, const struct rg_value *event) {
    const char *version = rg_value_text(event, "guard_version");
    struct rg_run *run = new_run(r, rg_value_number_or_0(event, "pid"));
    run->time = strtod(rg_value_at(event, "time")->text, NULL);
    run->command = command_of(event);
    r->last_time = run->time > r->last_time ? run->time : r->last_time;
    count_text(&r->programs, rg_value_text(event, "program"), 1);
    if (version) {
        count_text(&r->versions, version, 1);
    }
    char *options = words_of(rg_value_at(event, "options"));
    count_text(&r->options, options, 1);
    free(options);
}

static bool is_before(const struct rg_run *a, const struct rg_run *b) {
    return a->time != b->time ? a->time < b->time : a->pid < b->pid;
}

static void add_run(struct rg_finding_runs *f, struct rg_run *run) {
    size_t at = f->count;
    for (size_t i = 0; i < f->count; i++) {
        if (f->runs[i] == run) {
            return;
        }
    }
    while (at > 0 && is_before(run, f->runs[at - 1])) {
        at--;
    }
    if (at == RG_RUNS_KEPT) {
        return;
    }
    if (f->count == RG_RUNS_KEPT) {
        drop_run(f->runs[--f->count]);
    }
    memmove(&f->runs[at + 1], &f->runs[at], (f->count - at) * sizeof(struct rg_run *));
    f->runs[at] = run;
    f->count++;
    run->users++;
}

static void take_finding(struct rg_runs *r, const struct rg_value *event) {
    uint64_t pid = rg_value_number_or_0(event, "pid");
    struct rg_run *run = rg_number_map_find(&r->of_file, pid);
    void **item = rg_number_map_get(&r->by_fingerprint, rg_fingerprint_of(event));
    if (!*item) {
        *item = rg_need(sizeof(struct rg_finding_runs));
    }
    add_run(*item, run ? run : new_run(r, pid));
}

void rg_runs_event(struct rg_runs *r, const struct rg_value *event) {
    const char *name = rg_value_text(event, "event");
    if (!strcmp(name, "start")) {
        take_start(r, event);
    } else if (!strcmp(name, "finding")) {
        take_finding(r, event);
    }
}

void rg_runs_program(struct rg_runs *r, const char *program, uint64_t processes) {
    count_text(&r->programs, program, processes);
}

void rg_runs_end_file(struct rg_runs *r) {
    rg_number_map_done(&r->of_file, drop_run);
}

static int by_count(const void *a, const void *b) {
    const struct rg_tally *x = *(struct rg_tally *const *)a;
    const struct rg_tally *y = *(struct rg_tally *const *)b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->text, y->text);
}

static void sort_tallies(struct rg_tallies *t) {
    if (t->count > 0) {
        qsort(t->items, t->count, sizeof(struct rg_tally *), by_count);
    }
}

void rg_runs_sort(struct rg_runs *r) {
    sort_tallies(&r->programs);
    sort_tallies(&r->versions);
    sort_tallies(&r->options);
}

const struct rg_finding_runs *rg_runs_of(const struct rg_runs *r, uint64_t fingerprint) {
    return rg_number_map_find(&r->by_fingerprint, fingerprint);
}

static void drop_tally(void *item) {
    struct rg_tally *tally = item;
    free(tally->text);
    free(tally);
}

static void done_tallies(struct rg_tallies *t) {
    rg_number_map_done(&t->by_text, drop_tally);
    free(t->items);
}

void rg_runs_done(struct rg_runs *r) {
    rg_runs_end_file(r);
    rg_number_map_done(&r->by_fingerprint, drop_finding_runs);
    done_tallies(&r->programs);
    done_tallies(&r->versions);
    done_tallies(&r->options);
    *r = (struct rg_runs){0};
}
