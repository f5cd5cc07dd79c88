// SPDX-License-Identifier: MIT
// See convert_merge.h. Of equal findings the line of the process that began first is kept, so that the result is the
// same whatever the order of the files.
#include "convert_merge.h"

#include "convert_fingerprint.h"
#include "need.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// A finding of a process.
struct seen {
    struct rg_merged *merged;
    size_t place; // which of its places
    uint64_t occurrences;
};

struct process {
    double time;
    char *program;                 // NULL: not known
    uint64_t occurrences;          // of all that were seen
    struct rg_number_map seen;     // by the number of the finding
    struct rg_number_map findings; // by fingerprint, not owned
};

static void leave_item(void *item) {
    (void)item;
}

static void forget_findings(struct process *p) {
    rg_number_map_done(&p->seen, free);
    rg_number_map_done(&p->findings, leave_item);
    p->occurrences = 0;
}

static void done_process(void *item) {
    struct process *p = item;
    forget_findings(p);
    free(p->program);
    free(p);
}

static struct process *process_of(struct rg_merge *m, const struct rg_value *event) {
    void **item = rg_number_map_get(&m->processes_of_file, rg_value_number_or_0(event, "pid"));
    if (!*item) {
        *item = rg_need(sizeof(struct process));
        ((struct process *)*item)->time = INFINITY;
        m->processes++;
    }
    return *item;
}

// One of the same id that is there already has ended, or has become another program.
static void take_start(struct rg_merge *m, const struct rg_value *event) {
    uint64_t before = m->processes;
    struct process *p = process_of(m, event);
    m->processes = before + 1;
    forget_findings(p);
    free(p->program);
    p->program = rg_need_copy(rg_value_text(event, "program"));
    p->time = strtod(rg_value_at(event, "time")->text, NULL);
    if (m->first_time == 0 || p->time < m->first_time) {
        m->first_time = p->time;
    }
}

static int compare_numbers(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

static int compare_met(const struct rg_met *a, const struct rg_met *b) {
    if (a->time != b->time) {
        return a->time < b->time ? -1 : 1;
    }
    int order = compare_numbers(a->pid, b->pid);
    return order ? order : compare_numbers(a->number, b->number);
}

// Another process met the finding; it is shown as the first one met it.
void rg_merged_meet(struct rg_merged *f, const struct rg_met *met, const char *program,
                    const char *line) {
    int order = f->line ? compare_met(met, &f->first) : -1;
    if (order < 0 || (order == 0 && strcmp(line, f->line) < 0)) {
        free(f->line);
        free(f->program);
        f->first = *met;
        f->line = rg_need_copy(line);
        f->program = program ? rg_need_copy(program) : NULL;
    }
    if (met->time != INFINITY && !(f->last_time > met->time)) {
        f->last_time = met->time;
    }
}

size_t rg_merged_place(struct rg_merged *f, const char *place) {
    for (size_t i = 0; i < f->place_count; i++) {
        if (!strcmp(f->places[i].place, place)) {
            return i;
        }
    }
    f->places = rg_need_room(f->places, f->place_count, sizeof *f->places);
    f->places[f->place_count] = (struct rg_place_count){.place = rg_need_copy(place)};
    return f->place_count++;
}

static void count(struct rg_merge *m, struct process *p, struct seen *s, uint64_t occurrences) {
    uint64_t more = occurrences - s->occurrences;
    s->occurrences = occurrences;
    s->merged->occurrences += more;
    s->merged->places[s->place].occurrences += more;
    p->occurrences += more;
    m->occurrences += more;
}

struct rg_merged *rg_merge_get(struct rg_merge *m, uint64_t fingerprint,
                               const struct rg_value *finding) {
    void **item = rg_number_map_get(&m->by_fingerprint, fingerprint);
    if (!*item) {
        struct rg_merged *f = rg_need(sizeof *f);
        *f = (struct rg_merged){.fingerprint = fingerprint, .last_time = -INFINITY};
        f->rest = rg_fingerprint_rest(finding, &f->is_brief);
        m->findings = rg_need_room(m->findings, m->count, sizeof(struct rg_merged *));
        m->findings[m->count++] = f;
        *item = f;
    }
    return *item;
}

static void take_finding(struct rg_merge *m, const struct rg_value *event, const char *line) {
    struct process *p = process_of(m, event);
    struct rg_merged *f = rg_merge_get(m, rg_fingerprint_of(event), event);
    struct rg_met met = {p->time, rg_value_number_or_0(event, "pid"),
                         rg_value_number_or_0(event, "number")};
    rg_merged_meet(f, &met, p->program, line);
    m->processes_with_findings += p->findings.count == 0;
    void **known = rg_number_map_get(&p->findings, f->fingerprint);
    f->processes += !*known;
    *known = f;
    void **item = rg_number_map_get(&p->seen, met.number);
    if (!*item) {
        *item = rg_need(sizeof(struct seen));
    }
    struct seen *s = *item;
    const char *place = rg_value_text(event, "place");
    *s = (struct seen){f, rg_merged_place(f, place ? place : ""), 0};
    count(m, p, s, 1);
}

// Of a finding whose line is missing, which the guard could not write, the summary counts the occurrences.
static void take_again(struct rg_merge *m, const struct rg_value *event) {
    struct process *p = process_of(m, event);
    struct seen *s = rg_number_map_find(&p->seen, rg_value_number_or_0(event, "number"));
    uint64_t occurrences = rg_value_number_or_0(event, "occurrences");
    if (s && occurrences > s->occurrences) {
        count(m, p, s, occurrences);
    }
}

static void take_summary(struct rg_merge *m, const struct rg_value *event) {
    struct process *p = process_of(m, event);
    uint64_t occurrences = rg_value_number_or_0(event, "occurrences");
    if (occurrences > p->occurrences) {
        m->occurrences_not_kept += occurrences - p->occurrences;
    }
    m->lapsed += rg_value_number_or_0(event, "lapsed.count");
    m->lost_lines += rg_value_number_or_0(event, "lost_lines");
    forget_findings(p);
}

// What the guard says of other topics is about one process and one run.
static void take_note(struct rg_merge *m, const struct rg_value *event) {
    const char *topic = rg_value_text(event, "topic");
    const char *text = rg_value_text(event, "text");
    if (topic && text && !strcmp(topic, "internal-error")) {
        const struct process *p = process_of(m, event);
        rg_guard_errors_add(&m->errors, text, p->program, rg_value_number_or_0(event, "pid"),
                            p->time);
    }
}

void rg_merge_event(struct rg_merge *m, const struct rg_value *event, const char *line) {
    const char *name = rg_value_text(event, "event");
    if (!strcmp(name, "start")) {
        take_start(m, event);
    } else if (!strcmp(name, "finding")) {
        take_finding(m, event, line);
    } else if (!strcmp(name, "again")) {
        take_again(m, event);
    } else if (!strcmp(name, "note")) {
        take_note(m, event);
    } else {
        take_summary(m, event);
    }
}

const struct rg_merged *rg_merge_find(const struct rg_merge *m, const struct rg_merged *f) {
    const struct rg_merged *found = rg_number_map_find(&m->by_fingerprint, f->fingerprint);
    for (size_t i = 0; !found && i < m->count; i++) {
        const struct rg_merged *other = m->findings[i];
        found = other->rest == f->rest && (other->is_brief || f->is_brief) ? other : NULL;
    }
    return found;
}

void rg_merge_end_file(struct rg_merge *m) {
    rg_number_map_done(&m->processes_of_file, done_process);
}

static int by_first(const void *a, const void *b) {
    const struct rg_merged *x = *(struct rg_merged *const *)a;
    const struct rg_merged *y = *(struct rg_merged *const *)b;
    int order = compare_met(&x->first, &y->first);
    return order ? order : compare_numbers(x->fingerprint, y->fingerprint);
}

static int by_count(const void *a, const void *b) {
    const struct rg_merged *x = *(struct rg_merged *const *)a;
    const struct rg_merged *y = *(struct rg_merged *const *)b;
    int order = compare_numbers(y->occurrences, x->occurrences);
    return order ? order : by_first(a, b);
}

static int by_occurrences(const void *a, const void *b) {
    const struct rg_place_count *x = a;
    const struct rg_place_count *y = b;
    int order = compare_numbers(y->occurrences, x->occurrences);
    return order ? order : strcmp(x->place, y->place);
}

void rg_merge_sort(struct rg_merge *m, enum rg_merge_order order) {
    for (size_t i = 0; i < m->count; i++) {
        struct rg_merged *f = m->findings[i];
        qsort(f->places, f->place_count, sizeof *f->places, by_occurrences);
    }
    rg_guard_errors_sort(&m->errors);
    if (m->count > 0) {
        qsort(m->findings, m->count, sizeof(struct rg_merged *),
              order == RG_MERGE_BY_FIRST ? by_first : by_count);
    }
}

static void done_finding(void *item) {
    struct rg_merged *f = item;
    for (size_t i = 0; i < f->place_count; i++) {
        free(f->places[i].place);
    }
    free(f->places);
    free(f->line);
    free(f->program);
    free(f);
}

void rg_merge_done(struct rg_merge *m) {
    rg_merge_end_file(m);
    rg_number_map_done(&m->by_fingerprint, done_finding);
    free(m->findings);
    rg_guard_errors_done(&m->errors);
    *m = (struct rg_merge){0};
}
