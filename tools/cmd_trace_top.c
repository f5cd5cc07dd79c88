// SPDX-License-Identifier: MIT
// realloc-guard trace top: the call sites that allocate most, by one measure or another.
#include "cmd_trace.h"

#include "text_out.h"
#include "trace_measure.h"
#include "trace_request.h"
#include "trace_sites.h"
#include "trace_text.h"

#include <stdio.h>

static const char usage[] =
    "Usage: realloc-guard trace top [OPTION]... FILE\n\n"
    "Names the call sites that allocate most, with their figures and stacks.\n\n"
    "Options:\n"
    "  --by=MEASURE   calls      calls that allocated\n"
    "                 bytes      bytes allocated, in sum (the default)\n"
    "                 peak       bytes held when the program held most\n"
    "                 live       bytes never freed\n"
    "                 temporary  blocks freed by the very next call of the thread\n"
    "                 lifetime   short lives: blocks freed, where they lived shortest first\n"
    "                 reallocs   calls of realloc with a block\n"
    "  --count=N      how many (10)\n"
    "  --group=GROUP  stack: each call stack for itself (the default); site: all that come from\n"
    "                 one line of the program; module: all of one file of code\n"
    "  --full         whole stacks, not only the person's own frames\n"
    "  --help         this text\n";

enum measure { CALLS, BYTES, PEAK, LIVE, TEMPORARY, LIFETIME, REALLOCS, MEASURES };

// The blocks that a site gives up in a second of their lives: many blocks with short lives are worth a change.
static uint64_t shortness(const struct rg_trace_figures *f) {
    const double seconds = (double)f->lifetime_ns / 1e9;
    const double rate = (double)f->ended / (seconds + 1e-9);
    return rate < 1e18 ? (uint64_t)rate : (uint64_t)1e18;
}

static const struct {
    uint64_t (*of)(const struct rg_trace_figures *f);
    const char *title;
    bool is_bytes;
} measures[MEASURES] = {
    [CALLS] = {rg_measure_calls, "calls that allocated", false},
    [BYTES] = {rg_measure_bytes, "allocated", true},
    [PEAK] = {rg_measure_at_peak, "held when the program held most", true},
    [LIVE] = {rg_measure_live, "never freed", true},
    [TEMPORARY] = {rg_measure_temporary, "blocks freed by the very next call of the thread", false},
    [LIFETIME] = {shortness, "blocks freed; those with the shortest lives first", false},
    [REALLOCS] = {rg_measure_reallocs, "calls of realloc with a block", false},
};

struct options {
    uint64_t count;
    int by, group;
    bool is_full;
};

// What is shown of the measure: for lifetimes how many blocks ended.
static uint64_t shown(int by, const struct rg_trace_figures *f) {
    return by == LIFETIME ? f->ended : measures[by].of(f);
}

static struct rg_trace_text amount_text(int by, uint64_t n) {
    return measures[by].is_bytes ? rg_bytes_text(n) : rg_count_text(n);
}

static void put_figures(const struct rg_trace_figures *f) {
    printf("      allocated %s in %s call%s; at the peak %s in %s, at the end %s in %s\n",
           rg_bytes_text(f->bytes).text, rg_count_text(f->allocations).text,
           rg_plural(f->allocations), rg_bytes_text(f->at_peak_bytes).text,
           rg_count_text(f->at_peak_blocks).text, rg_bytes_text(f->live_bytes).text,
           rg_count_text(f->live_blocks).text);
    const char *separator = "      ";
    if (f->ended > 0) {
        printf("%slived %s on average", separator, rg_ns_text(f->lifetime_ns / f->ended).text);
        separator = "; ";
    }
    if (f->temporary > 0) {
        printf("%s%s freed by the next call", separator, rg_count_text(f->temporary).text);
        separator = "; ";
    }
    if (f->reallocs > 0) {
        printf("%s%s realloc%s, %s moved", separator, rg_count_text(f->reallocs).text,
               rg_plural(f->reallocs), rg_count_text(f->moved).text);
        separator = "; ";
    }
    if (f->failed > 0) {
        printf("%s%s failed", separator, rg_count_text(f->failed).text);
        separator = "; ";
    }
    // A site that never freed and never moved anything has no second line.
    if (*separator == ';') {
        putchar('\n');
    }
}

static void put_site(const struct rg_trace_session *s, const struct options *o,
                     const struct rg_trace_site *site, uint64_t whole) {
    const uint64_t amount = shown(o->by, &site->figures);
    printf("\n%10s %8s  ", amount_text(o->by, amount).text, rg_share_text(amount, whole).text);
    rg_put_printable(stdout, site->label);
    if (site->stack_count > 1) {
        printf(", by %zu stacks", site->stack_count);
    }
    putchar('\n');
    put_figures(&site->figures);
    if (o->group != RG_TRACE_BY_MODULE) {
        rg_trace_put_stack(stdout, s->names, s->reader, site->stack, 8, o->is_full);
    }
}

static int tell(struct rg_trace_request *q, const struct options *o) {
    struct rg_trace_session s;
    if (!rg_trace_session_open(&s, q, q->files[0])) {
        return RG_TRACE_REFUSED;
    }
    rg_trace_model_read(s.model, s.reader, NULL, NULL, true);
    struct rg_trace_sites sites =
        rg_trace_sites_make(s.model, s.names, (enum rg_trace_group)o->group);
    rg_trace_sites_sort(&sites, measures[o->by].of);
    const uint64_t whole = shown(o->by, rg_trace_model_totals(s.model));
    printf("%s %s\n", amount_text(o->by, whole).text, measures[o->by].title);
    size_t i = 0;
    for (; i < sites.count && i < o->count && shown(o->by, &sites.sites[i].figures) > 0; i++) {
        put_site(&s, o, &sites.sites[i], whole);
    }
    uint64_t left = 0;
    size_t others = 0;
    for (; i < sites.count; i++) {
        const uint64_t amount = shown(o->by, &sites.sites[i].figures);
        left += amount;
        others += amount > 0;
    }
    if (others > 0) {
        printf("\n%10s %8s  %zu other%s; --count shows more\n", amount_text(o->by, left).text,
               rg_share_text(left, whole).text, others, rg_plural(others));
    }
    rg_trace_sites_done(&sites);
    return rg_trace_session_close(&s);
}

int rg_trace_top(int argc, char **argv) {
    struct options o = {.count = 10, .by = BYTES};
    const struct rg_trace_option options[] = {
        {.name = "by",
         .value = RG_TRACE_WORD,
         .to = &o.by,
         .words = "calls|bytes|peak|live|temporary|lifetime|reallocs"},
        {.name = "count", .value = RG_TRACE_COUNT, .to = &o.count},
        {.name = "group", .value = RG_TRACE_WORD, .to = &o.group, .words = "stack|site|module"},
        {.name = "full", .value = RG_TRACE_FLAG, .to = &o.is_full}};
    struct rg_trace_request q = {.command = argv[0],
                                 .usage = usage,
                                 .options = options,
                                 .option_count = RG_ARRAY_LEN(options),
                                 .files_most = 1};
    const int status = rg_trace_request_parse(&q, argc, argv);
    return rg_trace_request_end(&q, status == RG_TRACE_GO ? tell(&q, &o) : status);
}
