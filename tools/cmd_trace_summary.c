// SPDX-License-Identifier: MIT
// realloc-guard trace summary: what a trace adds up to, on one screen.
#include "cmd_trace.h"

#include "text_out.h"
#include "trace_request.h"
#include "trace_summary.h"

#include <stdio.h>

static const char usage[] =
    "Usage: realloc-guard trace summary [OPTION]... FILE...\n\n"
    "Tells what the program allocated, by what calls, how much memory it held at most and which\n"
    "call sites held it then, what was left at the end, and what realloc did.\n\n"
    "Options:\n"
    "  --count=N      how many sites to name (5)\n"
    "  --format=FORMAT\n"
    "                 text, or json\n"
    "  --help         this text\n";

// json: NULL for text.
static int summarize(const struct rg_trace_request *q, const char *path, uint64_t count,
                     struct rg_writer *json) {
    struct rg_trace_session session;
    if (!rg_trace_session_open(&session, q, path)) {
        return RG_TRACE_REFUSED;
    }
    struct rg_trace_summary s;
    rg_trace_summary_read(&s, session.reader, session.model, session.names);
    if (json) {
        rg_trace_summary_json(json, &s, path, count);
    } else {
        rg_trace_summary_text(stdout, &s, count);
    }
    rg_trace_summary_done(&s);
    return rg_trace_session_close(&session);
}

int rg_trace_summary(int argc, char **argv) {
    uint64_t count = 5;
    int format = 0;
    const struct rg_trace_option options[] = {
        {.name = "count", .value = RG_TRACE_COUNT, .to = &count},
        {.name = "format", .value = RG_TRACE_WORD, .to = &format, .words = "text|json"}};
    struct rg_trace_request q = {.command = argv[0],
                                 .usage = usage,
                                 .options = options,
                                 .option_count = RG_ARRAY_LEN(options),
                                 .files_most = argc};
    const int status = rg_trace_request_parse(&q, argc, argv);
    if (status != RG_TRACE_GO) {
        return rg_trace_request_end(&q, status);
    }
    struct rg_writer w = {.file = stdout};
    int refused = 0, damaged = 0;
    if (format == 1) {
        rg_write_open(&w, NULL, '{');
        rg_write_open(&w, "traces", '[');
    }
    for (int i = 0; i < q.file_count; i++) {
        if (i > refused && format == 0) {
            putchar('\n');
        }
        const int of_one = summarize(&q, q.files[i], count, format == 1 ? &w : NULL);
        refused += of_one == RG_TRACE_REFUSED;
        damaged += of_one == RG_TRACE_DAMAGED;
    }
    if (format == 1) {
        rg_write_close(&w, ']');
        rg_write_close(&w, '}');
        rg_write_end(&w);
    }
    return rg_trace_request_end(&q, refused == q.file_count ? RG_TRACE_REFUSED
                                    : refused + damaged     ? RG_TRACE_DAMAGED
                                                            : 0);
}
