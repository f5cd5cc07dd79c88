// SPDX-License-Identifier: MIT
// realloc-guard trace events: the events of a trace one by one.
#include "cmd_trace.h"

#include "json_writer.h"
#include "text_out.h"
#include "trace_filter.h"
#include "trace_progress.h"
#include "trace_text.h"
#include "trace_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "Usage: realloc-guard trace events [OPTION]... FILE\n\n"
    "Lists the calls of a trace in the order of time, a line each.\n\n"
    "Options, all of which must fit:\n"
    "  --kind=KIND    alloc, free, realloc, resize (in place), move, forced-move (that only the\n"
    "                 guard wanted), failed\n"
    "  --site=TEXT    a function, file or module in the stack has the text in its name\n"
    "  --size=MIN..MAX\n"
    "                 bytes, also as 4k.. or ..1M; of free, those of the block\n"
    "  --thread=N     its number, 0 for the first\n"
    "  --from=TIME, --to=TIME\n"
    "                 since the start, in seconds or as 250ms, 30us, 2min\n"
    "  --address=ADDRESS\n"
    "                 of a block, or in the middle of it\n"
    "  --count=N      no more than so many\n"
    "  --format=FORMAT\n"
    "                 text, tsv or json (an object a line)\n"
    "  --help         this text\n";

enum format { TEXT, TSV, JSON };

struct options {
    struct rg_trace_filter filter;
    uint64_t count;
    int format;
};

struct listing {
    struct rg_trace_session *s;
    struct options *o;
    uint64_t shown;
};

static void put_text(uint64_t ns, const struct rg_trace_event *e, uint32_t thread,
                     const struct rg_trace_block *before, const char *site) {
    printf("%13.6f  %3" PRIu32 "  %-11s  %-8s  ", (double)ns / 1e9, thread,
           rg_trace_kind_name(e->kind), rg_trace_how_name(e->how));
    switch (e->kind) {
    case RG_TRACE_FREE:
        printf("0x%" PRIx64, e->old);
        if (before->address) {
            printf("  %" PRIu64 " B", before->size);
        }
        break;
    case RG_TRACE_RESIZE:
        printf("0x%" PRIx64 "  %" PRIu64 " -> %" PRIu64 " B", e->old, e->old_size, e->size);
        break;
    case RG_TRACE_MOVE:
    case RG_TRACE_FORCED_MOVE:
        printf("0x%" PRIx64 " -> 0x%" PRIx64 "  %" PRIu64 " -> %" PRIu64 " B", e->old, e->address,
               e->old_size, e->size);
        break;
    case RG_TRACE_FAILED:
        printf("%" PRIu64 " B", e->size);
        break;
    default:
        printf("0x%" PRIx64 "  %" PRIu64 " B", e->address, e->size);
    }
    fputs("  ", stdout);
    rg_put_printable(stdout, site);
    putchar('\n');
}

static void put_tsv(uint64_t ns, const struct rg_trace_event *e, uint32_t thread,
                    const struct rg_trace_block *before, const char *site) {
    printf("%" PRIu64 "\t%" PRIu32 "\t%s\t%s\t0x%" PRIx64 "\t%" PRIu64 "\t0x%" PRIx64 "\t%" PRIu64
           "\t%" PRIu32 "\t",
           ns, thread, rg_trace_kind_name(e->kind), rg_trace_how_name(e->how), e->address, e->size,
           e->old, rg_trace_has_old_size(e->kind) ? e->old_size : before->size, e->stack);
    rg_put_printable(stdout, site);
    putchar('\n');
}

static void write_address(struct rg_writer *w, const char *key, uint64_t address) {
    char text[32];
    snprintf(text, sizeof text, "0x%" PRIx64, address);
    if (address) {
        rg_write_text(w, key, text);
    }
}

static void put_json(uint64_t ns, const struct rg_trace_event *e, uint32_t thread,
                     const struct rg_trace_block *before, const char *site) {
    struct rg_writer w = {.file = stdout, .is_flat = true};
    rg_write_open(&w, NULL, '{');
    rg_write_number(&w, "ns", ns);
    rg_write_number(&w, "thread", thread);
    rg_write_text(&w, "kind", rg_trace_kind_name(e->kind));
    rg_write_text(&w, "call", rg_trace_how_name(e->how));
    write_address(&w, "address", e->address);
    if (e->kind != RG_TRACE_FREE) {
        rg_write_number(&w, "size", e->size);
    }
    write_address(&w, "old", e->old);
    if (rg_trace_has_old_size(e->kind) || before->address) {
        rg_write_number(&w, "old_size",
                        rg_trace_has_old_size(e->kind) ? e->old_size : before->size);
    }
    rg_write_number(&w, "stack", e->stack);
    rg_write_text(&w, "site", site);
    rg_write_close(&w, '}');
    rg_write_end(&w);
}

static void take_event(void *arg, const struct rg_trace_event *e, uint32_t thread,
                       const struct rg_trace_block *before, const struct rg_trace_block *after) {
    struct listing *l = arg;
    const uint64_t ns = rg_trace_reader_ns(l->s->reader, e->ticks);
    if (rg_trace_is_lost_free(e) ||
        !rg_trace_filter_matches(&l->o->filter, e, ns, thread, before, after)) {
        return;
    }
    l->shown++;
    char *site = rg_trace_name_text(rg_trace_names_site(l->s->names, e->stack));
    switch ((enum format)l->o->format) {
    case TEXT:
        put_text(ns, e, thread, before, site);
        break;
    case TSV:
        put_tsv(ns, e, thread, before, site);
        break;
    case JSON:
        put_json(ns, e, thread, before, site);
        break;
    }
    free(site);
}

// Reads no further than needed.
static void list(struct listing *l) {
    struct rg_trace_event e;
    uint32_t thread;
    struct rg_trace_progress p;
    rg_trace_progress_begin(&p, true);
    for (uint64_t i = 1; l->shown < l->o->count && !ferror(stdout) &&
                         rg_trace_reader_next(l->s->reader, &e, &thread);
         i++) {
        if (rg_trace_reader_ns(l->s->reader, e.ticks) > l->o->filter.to_ns) {
            break;
        }
        rg_trace_model_add(l->s->model, l->s->reader, &e, thread, take_event, l);
        if (i % RG_TRACE_PROGRESS_EVENTS == 0) {
            rg_trace_progress_step(&p, l->s->reader);
        }
    }
    rg_trace_progress_end(&p);
}

static int tell(struct rg_trace_request *q, struct options *o) {
    struct rg_trace_session s;
    if (!rg_trace_session_open(&s, q, q->files[0])) {
        return RG_TRACE_REFUSED;
    }
    o->filter.site.reader = s.reader;
    o->filter.site.names = s.names;
    if (o->format == TSV) {
        puts("ns\tthread\tkind\tcall\taddress\tsize\told\told_size\tstack\tsite");
    } else if (o->format == TEXT) {
        printf("%13s  %3s  %-11s  %-8s  %s\n", "seconds", "thr", "what", "call",
               "address  size  site");
    }
    struct listing l = {.s = &s, .o = o};
    list(&l);
    rg_trace_pattern_done(&o->filter.site);
    return rg_trace_session_close(&s);
}

int rg_trace_events(int argc, char **argv) {
    struct options o = {.filter = {.sizes = {0, UINT64_MAX}, .to_ns = UINT64_MAX},
                        .count = UINT64_MAX};
    struct rg_trace_filter *f = &o.filter;
    const struct rg_trace_option options[] = {
        {.name = "kind", .value = RG_TRACE_WORD, .to = &f->kind, .words = RG_TRACE_KIND_WORDS},
        {.name = "site", .value = RG_TRACE_STRING, .to = &f->site.text},
        {.name = "size", .value = RG_TRACE_SIZES, .to = &f->sizes},
        {.name = "thread", .value = RG_TRACE_NUMBER, .to = &f->thread, .is_given = &f->has_thread},
        {.name = "from", .value = RG_TRACE_TIME, .to = &f->from_ns},
        {.name = "to", .value = RG_TRACE_TIME, .to = &f->to_ns},
        {.name = "address",
         .value = RG_TRACE_NUMBER,
         .to = &f->address,
         .is_given = &f->has_address},
        {.name = "count", .value = RG_TRACE_COUNT, .to = &o.count},
        {.name = "format", .value = RG_TRACE_WORD, .to = &o.format, .words = "text|tsv|json"}};
    struct rg_trace_request q = {.command = argv[0],
                                 .usage = usage,
                                 .options = options,
                                 .option_count = RG_ARRAY_LEN(options),
                                 .files_most = 1};
    const int status = rg_trace_request_parse(&q, argc, argv);
    return rg_trace_request_end(&q, status == RG_TRACE_GO ? tell(&q, &o) : status);
}
