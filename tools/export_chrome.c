// SPDX-License-Identifier: MIT
// A trace in Trace Event Format, see export.h: two counters of what is live, thinned out, and the largest blocks with
// their lives, the largest reallocs and the largest failures.
#include "export.h"

#include "export_counter.h"
#include "export_largest.h"
#include "json_writer.h"
#include "need.h"
#include "pair_index.h"
#include "trace_text.h"

#include <inttypes.h>
#include <stdlib.h>

struct chrome {
    const struct rg_export *export;
    const struct rg_trace_info *info;
    struct rg_writer json;
    struct rg_counter bytes, blocks;
    uint64_t end_ns; // of the trace, or of the last event if that is later: what runs at exit
    struct rg_largest lives, reallocs, failures;
    struct rg_pair_index threads; // that are named already
};

// Microseconds, to the nanosecond.
struct time_text {
    char text[32];
};

static struct time_text time_of(uint64_t ns) {
    struct time_text t;
    snprintf(t.text, sizeof t.text, "%" PRIu64 ".%03" PRIu64, ns / 1000, ns % 1000);
    return t;
}

// Counters are many, so they are a line each.
static void put_point(struct chrome *c, const char *name, const char *unit,
                      struct rg_counter_point p) {
    char line[200];
    snprintf(line, sizeof line,
             "{\"ph\": \"C\", \"name\": \"%s\", \"pid\": %" PRIu32 ", \"ts\": %s, \"args\": "
             "{\"%s\": %" PRIu64 "}}",
             name, c->info->pid, time_of(p.ns).text, unit, p.value);
    rg_write_raw(&c->json, NULL, line);
}

static void put_bytes(void *arg, struct rg_counter_point p) {
    put_point(arg, "live bytes", "bytes", p);
}

static void put_blocks(void *arg, struct rg_counter_point p) {
    put_point(arg, "live blocks", "blocks", p);
}

static void take_life(struct chrome *c, const struct rg_trace_block *b, uint64_t end,
                      bool is_live) {
    if (rg_largest_wants(&c->lives, b->size)) {
        const struct rg_large item = {.size = b->size,
                                      .from = b->born,
                                      .to = end,
                                      .block = *b,
                                      .thread = b->thread,
                                      .is_live = is_live};
        rg_largest_offer(&c->lives, &item);
    }
}

static void take_live(void *arg, const struct rg_trace_block *b) {
    take_life(arg, b, 0, true);
}

static void take_event(void *arg, const struct rg_trace_event *event, uint32_t thread,
                       const struct rg_trace_block *before, const struct rg_trace_block *after) {
    struct chrome *c = arg;
    const struct rg_trace_figures *all = rg_trace_model_totals(c->export->model);
    const uint64_t ns = rg_trace_reader_ns(c->export->reader, event->ticks);
    c->end_ns = ns > c->end_ns ? ns : c->end_ns;
    rg_counter_add(&c->bytes, ns, all->live_bytes);
    rg_counter_add(&c->blocks, ns, all->live_blocks);
    if (before->address && !after->address) {
        take_life(c, before, event->ticks, false);
    }
    struct rg_largest *list = event->kind == RG_TRACE_FAILED       ? &c->failures
                              : rg_trace_has_old_size(event->kind) ? &c->reallocs
                                                                   : NULL;
    if (list && rg_largest_wants(list, event->size)) {
        const struct rg_large item = {.size = event->size,
                                      .from = event->ticks,
                                      .event = *event,
                                      .block = *before,
                                      .thread = thread};
        rg_largest_offer(list, &item);
    }
}

// Numbers of threads that no viewer takes for another process's: the first one's is that of the process.
static uint64_t tid_of(const struct chrome *c, uint32_t thread) {
    return (uint64_t)c->info->pid + thread;
}

static void open_event(struct chrome *c, const char *phase, const char *name) {
    rg_write_open(&c->json, NULL, '{');
    rg_write_text(&c->json, "ph", phase);
    rg_write_text(&c->json, "name", name);
    rg_write_number(&c->json, "pid", c->info->pid);
}

static void put_name(struct chrome *c, const char *what, uint64_t tid, const char *name) {
    open_event(c, "M", what);
    rg_write_number(&c->json, "tid", tid);
    rg_write_open(&c->json, "args", '{');
    rg_write_text(&c->json, "name", name);
    rg_write_close(&c->json, '}');
    rg_write_close(&c->json, '}');
}

static void name_thread(struct chrome *c, uint32_t thread) {
    bool is_new;
    rg_pair_index_of(&c->threads, thread, 0, &is_new);
    if (is_new) {
        const char *own = rg_trace_reader_thread_name(c->export->reader, thread);
        char *name = rg_need_text("thread %" PRIu32 "%s%s", thread, *own ? ": " : "", own);
        put_name(c, "thread_name", tid_of(c, thread), name);
        free(name);
    }
}

// The frames, innermost first, a text each.
static void put_stack(struct chrome *c, const char *key, uint32_t id) {
    const struct rg_trace_stack stack = rg_trace_reader_stack(c->export->reader, id);
    rg_write_open(&c->json, key, '[');
    for (size_t i = 0; i < stack.count; i++) {
        const struct rg_trace_frame_names names =
            rg_trace_names_of(c->export->names, stack.frames[i]);
        for (size_t j = 0; j < names.count; j++) {
            char *text = rg_trace_name_text(&names.names[j]);
            rg_write_text(&c->json, NULL, text);
            free(text);
        }
    }
    rg_write_close(&c->json, ']');
}

static char *site_of(struct chrome *c, uint32_t stack) {
    const struct rg_trace_name *site = rg_trace_names_site(c->export->names, stack);
    return site ? rg_trace_name_text(site) : rg_need_copy(RG_EXPORT_NO_STACK);
}

static void open_args(struct chrome *c, uint32_t thread, uint64_t ns) {
    rg_write_number(&c->json, "tid", tid_of(c, thread));
    rg_write_raw(&c->json, "ts", time_of(ns).text);
    rg_write_open(&c->json, "args", '{');
}

static void close_args(struct chrome *c) {
    rg_write_close(&c->json, '}');
    rg_write_close(&c->json, '}');
}

// A pair of events: lives overlap, so they cannot be spans of the thread itself.
static void put_life(struct chrome *c, const struct rg_large *item) {
    const struct rg_trace_reader *r = c->export->reader;
    const uint64_t end_ns = item->is_live ? c->end_ns : rg_trace_reader_ns(r, item->to);
    char *site = site_of(c, item->block.birth_stack);
    name_thread(c, item->thread);
    for (int is_end = 0; is_end < 2; is_end++) {
        open_event(c, is_end ? "e" : "b", site);
        rg_write_text(&c->json, "cat", "block");
        rg_write_number(&c->json, "id", item->number + 1);
        open_args(c, item->thread, is_end ? end_ns : rg_trace_reader_ns(r, item->from));
        if (!is_end) {
            rg_write_number(&c->json, "size", item->size);
            rg_write_number(&c->json, "reallocs", item->block.reallocs);
            rg_write_raw(&c->json, "live at the end", item->is_live ? "true" : "false");
            put_stack(c, "allocated by", item->block.birth_stack);
            if (item->block.reallocs > 0) {
                put_stack(c, "last realloc by", item->block.stack);
            }
        }
        close_args(c);
    }
    free(site);
}

static const char *kind_text(enum rg_trace_event_kind kind) {
    switch (kind) {
    case RG_TRACE_RESIZE:
        return "realloc in place";
    case RG_TRACE_MOVE:
        return "realloc that moved";
    case RG_TRACE_FORCED_MOVE:
        return "realloc that the guard moved";
    default:
        return "failed";
    }
}

static void put_instant(struct chrome *c, const struct rg_large *item) {
    const struct rg_trace_event *event = &item->event;
    const bool is_failure = event->kind == RG_TRACE_FAILED;
    char *site = site_of(c, event->stack);
    char *name = rg_need_text("%s: %s", kind_text(event->kind), site);
    name_thread(c, item->thread);
    open_event(c, "i", name);
    rg_write_text(&c->json, "cat", is_failure ? "failure" : "realloc");
    rg_write_text(&c->json, "s", "t"); // of its thread
    open_args(c, item->thread, rg_trace_reader_ns(c->export->reader, event->ticks));
    rg_write_number(&c->json, is_failure ? "size that was asked for" : "new size", event->size);
    if (!is_failure) {
        rg_write_number(&c->json, "old size", event->old_size);
    }
    put_stack(c, "stack", event->stack);
    close_args(c);
    free(name);
    free(site);
}

static void put_each(struct chrome *c, struct rg_largest *list,
                     void (*put)(struct chrome *c, const struct rg_large *item)) {
    rg_largest_sort(list);
    for (size_t i = 0; i < list->count; i++) {
        put(c, &list->items[i]);
    }
    rg_largest_done(list);
}

static void put_about(struct chrome *c) {
    rg_write_text(&c->json, "displayTimeUnit", "ms");
    rg_write_open(&c->json, "otherData", '{');
    rg_write_text(&c->json, "written by", "realloc-guard " RG_VERSION);
    rg_write_text(&c->json, "command", c->info->command);
    rg_write_number(&c->json, "pid", c->info->pid);
    rg_write_open(&c->json, "notes", '[');
    for (size_t i = 0; i < c->info->note_count; i++) {
        rg_write_text(&c->json, NULL, c->info->notes[i]);
    }
    rg_write_close(&c->json, ']');
    rg_write_close(&c->json, '}');
}

void rg_export_chrome(const struct rg_export *e) {
    struct chrome c = {.export = e,
                       .info = rg_trace_reader_info(e->reader),
                       .json = {.file = e->out},
                       .end_ns = rg_trace_reader_info(e->reader)->duration_ns,
                       .lives = {.most = e->most},
                       .reallocs = {.most = e->most},
                       .failures = {.most = e->most}};
    c.bytes = (struct rg_counter){.emit = put_bytes, .arg = &c};
    c.blocks = (struct rg_counter){.emit = put_blocks, .arg = &c};
    rg_counter_begin(&c.bytes, c.info->duration_ns);
    rg_counter_begin(&c.blocks, c.info->duration_ns);
    rg_write_open(&c.json, NULL, '{');
    put_about(&c);
    rg_write_open(&c.json, "traceEvents", '[');
    put_name(&c, "process_name", c.info->pid, c.info->program);
    name_thread(&c, 0);
    rg_trace_model_read(e->model, e->reader, take_event, &c, true);
    // To the end, beyond the last event.
    const struct rg_trace_figures *all = rg_trace_model_totals(e->model);
    rg_counter_add(&c.bytes, c.end_ns, all->live_bytes);
    rg_counter_add(&c.blocks, c.end_ns, all->live_blocks);
    rg_counter_end(&c.bytes);
    rg_counter_end(&c.blocks);
    rg_trace_model_each_live(e->model, take_live, &c);
    put_each(&c, &c.lives, put_life);
    put_each(&c, &c.reallocs, put_instant);
    put_each(&c, &c.failures, put_instant);
    rg_write_close(&c.json, ']');
    rg_write_close(&c.json, '}');
    rg_write_end(&c.json);
    rg_pair_index_done(&c.threads);
}
