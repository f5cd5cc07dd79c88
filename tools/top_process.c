// SPDX-License-Identifier: MIT
// See top_process.h.
#include "top_process.h"

#include "need.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

enum { EVENTS_AT_ONCE = 4096 };

static const uint64_t SECOND = 1000000000;
// After which what another processor has written is there, and in order.
static const uint64_t SETTLED_NS = 10000000;

uint64_t rg_top_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

uint64_t rg_top_clock_ticks(struct rg_top_clock *c) {
    const uint64_t ticks = __rdtsc(), ns = rg_top_now();
    if (!c->ns) {
        *c = (struct rg_top_clock){.ticks = ticks, .ns = ns};
    }
    if (ns - c->ns < SETTLED_NS) {
        return 0;
    }
    const double rate = (double)(ticks - c->ticks) / (double)(ns - c->ns);
    return ticks - (uint64_t)(rate * (double)SETTLED_NS);
}

bool rg_top_process_open(struct rg_top_process *p, const char *path,
                         char ret_message[RG_TRACE_MESSAGE]) {
    struct rg_trace_reader *reader = rg_trace_reader_open(path, ret_message);
    if (!reader) {
        return false;
    }
    *p = (struct rg_top_process){
        .path = rg_need_copy(path), .reader = reader, .model = rg_trace_model_open()};
    return true;
}

void rg_top_process_close(struct rg_top_process *p) {
    if (p->names) {
        rg_trace_names_close(p->names);
    }
    rg_top_history_done(&p->history);
    rg_trace_model_close(p->model);
    rg_trace_reader_close(p->reader);
    free(p->path);
    *p = (struct rg_top_process){0};
}

// Returns whether there may be more.
static bool take_some(struct rg_top_process *p) {
    struct rg_trace_event e;
    uint32_t thread;
    for (int i = 0; i < EVENTS_AT_ONCE; i++) {
        if (!rg_trace_reader_next(p->reader, &e, &thread)) {
            return false;
        }
        const uint64_t ns = rg_trace_reader_ns(p->reader, e.ticks);
        p->last_ns = ns > p->last_ns ? ns : p->last_ns;
        rg_top_history_reach(&p->history, p->model, p->reader, p->last_ns);
        rg_trace_model_add(p->model, p->reader, &e, thread, NULL, NULL);
        rg_top_curve_add(&p->history.curve, p->last_ns,
                         rg_trace_model_totals(p->model)->live_bytes);
    }
    return true;
}

void rg_top_process_follow(struct rg_top_process *p, uint64_t ticks, uint64_t deadline) {
    const uint64_t limit = p->has_ended ? UINT64_MAX : ticks;
    rg_trace_reader_follow(p->reader, limit);
    do {
        p->is_behind = take_some(p);
    } while (p->is_behind && rg_top_now() < deadline);
    p->now_ns = p->last_ns;
    if (!p->is_behind && !p->has_ended) {
        const uint64_t ns = rg_trace_reader_ns(p->reader, ticks);
        p->now_ns = ns > p->last_ns ? ns : p->last_ns;
        rg_top_history_reach(&p->history, p->model, p->reader, p->now_ns);
    } else if (!p->is_behind) {
        const uint64_t ns = rg_trace_reader_info(p->reader)->duration_ns;
        p->now_ns = ns > p->last_ns ? ns : p->last_ns;
    }
}

struct rg_trace_names *rg_top_process_names(struct rg_top_process *p) {
    p->names = p->names ? p->names : rg_trace_names_open(p->reader);
    return p->names;
}

struct rg_top_span rg_top_process_span(const struct rg_top_process *p) {
    struct rg_top_span span = {0};
    if (!p->has_ended) {
        span.from = rg_top_history_before(&p->history, p->now_ns, SECOND);
    }
    const uint64_t ns = p->now_ns - (span.from ? span.from->ns : 0);
    // Before the first second is over, what there was in it. Of a run that was shorter than a millisecond no rate can be told.
    const uint64_t least = p->has_ended ? SECOND / 1000 : SECOND;
    span.seconds = (double)(ns < least ? least : ns) / 1e9;
    return span;
}

bool rg_top_is_alive(pid_t pid) {
    char path[64];
    char text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file) {
        return false;
    }
    const size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = 0;
    // The name in front may hold anything.
    const char *state = strrchr(text, ')');
    return state && state[1] == ' ' && !strchr("ZX", state[2]);
}
