// SPDX-License-Identifier: MIT
// realloc-guard trace realloc: what realloc does at each call site, and what it would cost to grow otherwise.
#include "cmd_trace.h"

#include "json_writer.h"
#include "text_out.h"
#include "trace_realloc.h"
#include "trace_request.h"
#include "trace_text.h"

#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "Usage: realloc-guard trace realloc [OPTION]... FILE\n\n"
    "Tells for each call site of realloc how many calls left the block in place, how many moved\n"
    "it, how much was copied, and how the sizes of one block grow: by a constant step, so that "
    "the\n"
    "copying grows with the square of the size, or by a factor. What doubling the size each time\n"
    "would copy is computed from the sizes that there were.\n\n"
    "Options:\n"
    "  --count=N      how many sites, those that copied most first (10)\n"
    "  --costly       only those whose growing costs far more than it had to\n"
    "  --full         whole stacks, not only the person's own frames\n"
    "  --format=FORMAT\n"
    "                 text, or json\n"
    "  --help         this text\n";

struct options {
    uint64_t count;
    bool only_costly, is_full;
    int format;
};

static void put_site(const struct rg_trace_realloc_site *s, struct rg_trace_names *n,
                     const struct rg_trace_reader *r, bool is_full) {
    char *advice = rg_trace_realloc_advice(s), *ladder = rg_trace_ladder_text(&s->longest);
    putchar('\n');
    rg_put_printable(stdout, s->label);
    printf("\n    %s call%s", rg_count_text(s->calls).text, rg_plural(s->calls));
    if (s->blocks > 0) {
        printf(" for %s block%s", rg_count_text(s->blocks).text, rg_plural(s->blocks));
    }
    printf(": %s in place, %s moved (%s)", rg_count_text(s->calls - s->moved).text,
           rg_count_text(s->moved).text, rg_share_text(s->moved, s->calls).text);
    if (s->forced > 0) {
        printf(", %s of these only for the guard", rg_count_text(s->forced).text);
    }
    printf("; %s copied\n    %s\n", rg_bytes_text(s->copied_bytes).text, advice);
    if (s->longest.steps > 0) {
        printf("    the longest ladder, %s call%s: %s\n", rg_count_text(s->longest.steps).text,
               rg_plural(s->longest.steps), ladder);
    }
    printf("    largest size %s\n", rg_bytes_text(s->largest).text);
    rg_trace_put_stack(stdout, n, r, s->stack, 6, is_full);
    free(advice);
    free(ladder);
}

static const char *growth_name(enum rg_trace_growth growth) {
    switch (growth) {
    case RG_TRACE_GROWS_NEVER:
        return "never";
    case RG_TRACE_GROWS_ONCE:
        return "once";
    case RG_TRACE_GROWS_BY_STEP:
        return "step";
    case RG_TRACE_GROWS_BY_FACTOR:
        return "factor";
    case RG_TRACE_GROWS_UNEVENLY:
        break;
    }
    return "unevenly";
}

static void write_site(struct rg_writer *w, const struct rg_trace_realloc_site *s) {
    char *advice = rg_trace_realloc_advice(s);
    rg_write_open(w, NULL, '{');
    rg_write_text(w, "site", s->label);
    rg_write_number(w, "calls", s->calls);
    rg_write_number(w, "moved", s->moved);
    rg_write_number(w, "forced", s->forced);
    rg_write_number(w, "copied_bytes", s->copied_bytes);
    rg_write_number(w, "blocks", s->blocks);
    rg_write_number(w, "grew", s->grew);
    rg_write_number(w, "shrank", s->shrank);
    rg_write_number(w, "largest", s->largest);
    rg_write_text(w, "growth", growth_name(s->growth));
    rg_write_positive(w, "step", s->step);
    rg_write_number(w, "copied_at_most", s->copied_at_most);
    rg_write_number(w, "copied_if_doubled", s->copied_if_doubled);
    rg_write_number(w, "calls_if_doubled", s->calls_if_doubled);
    rg_write_raw(w, "costly", rg_trace_realloc_is_costly(s) ? "true" : "false");
    rg_write_text(w, "advice", advice);
    rg_write_close(w, '}');
    free(advice);
}

static void put_sites(struct rg_trace_reallocs *a, struct rg_trace_names *n,
                      const struct rg_trace_reader *r, const struct options *o) {
    struct rg_writer w = {.file = stdout};
    size_t count, shown = 0, wanted = 0;
    const struct rg_trace_realloc_site *sites = rg_trace_reallocs_sites(a, n, &count);
    if (o->format == 1) {
        rg_write_open(&w, NULL, '[');
    } else {
        const char *word = o->only_costly ? " that grow blocks at too high a price" : "";
        for (size_t i = 0; i < count; i++) {
            wanted += !o->only_costly || rg_trace_realloc_is_costly(&sites[i]);
        }
        printf("%zu call site%s of realloc%s%s\n", wanted, rg_plural(wanted), word,
               wanted > o->count ? ", first those that copied most" : "");
    }
    for (size_t i = 0; i < count && shown < o->count; i++) {
        if (o->only_costly && !rg_trace_realloc_is_costly(&sites[i])) {
            continue;
        }
        shown++;
        if (o->format == 1) {
            write_site(&w, &sites[i]);
        } else {
            put_site(&sites[i], n, r, o->is_full);
        }
    }
    if (o->format == 1) {
        rg_write_close(&w, ']');
        rg_write_end(&w);
    } else if (wanted > shown) {
        printf("\n%zu more; --count shows them\n", wanted - shown);
    }
}

static int tell(struct rg_trace_request *q, const struct options *o) {
    struct rg_trace_session s;
    if (!rg_trace_session_open(&s, q, q->files[0])) {
        return RG_TRACE_REFUSED;
    }
    struct rg_trace_reallocs *a = rg_trace_reallocs_open();
    rg_trace_model_read(s.model, s.reader, rg_trace_reallocs_event, a, true);
    put_sites(a, s.names, s.reader, o);
    rg_trace_reallocs_close(a);
    return rg_trace_session_close(&s);
}

int rg_trace_realloc(int argc, char **argv) {
    struct options o = {.count = 10};
    const struct rg_trace_option options[] = {
        {.name = "count", .value = RG_TRACE_COUNT, .to = &o.count},
        {.name = "costly", .value = RG_TRACE_FLAG, .to = &o.only_costly},
        {.name = "full", .value = RG_TRACE_FLAG, .to = &o.is_full},
        {.name = "format", .value = RG_TRACE_WORD, .to = &o.format, .words = "text|json"}};
    struct rg_trace_request q = {.command = argv[0],
                                 .usage = usage,
                                 .options = options,
                                 .option_count = RG_ARRAY_LEN(options),
                                 .files_most = 1};
    const int status = rg_trace_request_parse(&q, argc, argv);
    return rg_trace_request_end(&q, status == RG_TRACE_GO ? tell(&q, &o) : status);
}
