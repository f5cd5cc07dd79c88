// SPDX-License-Identifier: MIT
// realloc-guard trace summary: what a trace adds up to, on one screen, and a row for each of several.
#include "cmd_trace.h"

#include "trace_files.h"
#include "trace_request.h"
#include "trace_summary.h"
#include "trace_table.h"

#include <stdio.h>

static const char usage[] =
    "Usage: realloc-guard trace summary [OPTION]... FILE|FOLDER...\n\n"
    "Tells what the program allocated, by what calls, how much memory it held at most and which\n"
    "call sites held it then, what was left at the end, and what realloc did. Of several traces,\n"
    "or of a folder of them, a table with a row for each comes last.\n\n"
    "Options:\n"
    "  --count=N      how many sites to name (5)\n"
    "  --table        only the table\n"
    "  --format=FORMAT\n"
    "                 text, or json\n"
    "  --help         this text\n";

struct output {
    uint64_t count;               // of sites
    struct rg_writer *json;       // NULL: text
    struct rg_trace_table *table; // what is added up
};

static int summarize(const struct rg_trace_request *q, const char *path, const struct output *o) {
    struct rg_trace_session session;
    if (!rg_trace_session_open(&session, q, path)) {
        return RG_TRACE_REFUSED;
    }
    if (o->json || o->count > 0) {
        struct rg_trace_summary s;
        rg_trace_summary_read(&s, session.reader, session.model, session.names);
        if (o->json) {
            rg_trace_summary_json(o->json, &s, path, o->count);
        } else {
            fputs(o->table->count > 0 ? "\n" : "", stdout);
            rg_trace_summary_text(stdout, &s, o->count);
        }
        rg_trace_summary_done(&s);
    } else {
        rg_trace_model_read(session.model, session.reader, NULL, NULL, true);
    }
    rg_trace_table_add(o->table, session.reader, session.model);
    return rg_trace_session_close(&session);
}

// Returns the exit status.
static int summarize_all(const struct rg_trace_request *q, const struct rg_trace_files *files,
                         const struct output *o) {
    size_t refused = files->empty, damaged = 0;
    for (size_t i = 0; i < files->count; i++) {
        const int of_one = summarize(q, files->paths[i], o);
        refused += of_one == RG_TRACE_REFUSED;
        damaged += of_one == RG_TRACE_DAMAGED;
    }
    return o->table->count == 0 ? RG_TRACE_REFUSED : refused + damaged > 0 ? RG_TRACE_DAMAGED : 0;
}

int rg_trace_summary(int argc, char **argv) {
    uint64_t count = 5;
    int format = 0;
    bool is_table = false;
    const struct rg_trace_option options[] = {
        {.name = "count", .value = RG_TRACE_COUNT, .to = &count},
        {.name = "table", .value = RG_TRACE_FLAG, .to = &is_table},
        {.name = "format", .value = RG_TRACE_WORD, .to = &format, .words = "text|json"}};
    struct rg_trace_request q = {.command = argv[0],
                                 .usage = usage,
                                 .options = options,
                                 .option_count = RG_ARRAY_LEN(options),
                                 .files_most = argc};
    int status = rg_trace_request_parse(&q, argc, argv);
    if (status == RG_TRACE_GO && is_table && format == 1) {
        status = rg_trace_refuse(&q, "json has no", "--table", "leave one of them out");
    }
    if (status != RG_TRACE_GO) {
        return rg_trace_request_end(&q, status);
    }
    struct rg_writer w = {.file = stdout};
    struct rg_trace_files files = {0};
    struct rg_trace_table table = {0};
    for (int i = 0; i < q.file_count; i++) {
        rg_trace_files_add(&files, q.command, q.files[i]);
    }
    const struct output o = {
        .count = is_table ? 0 : count, .json = format == 1 ? &w : NULL, .table = &table};
    if (o.json) {
        rg_write_open(&w, NULL, '{');
        rg_write_open(&w, "traces", '[');
    }
    status = summarize_all(&q, &files, &o);
    if (o.json) {
        rg_write_close(&w, ']');
        rg_write_close(&w, '}');
        rg_write_end(&w);
    } else if (is_table || table.count > 1) {
        fputs(is_table ? "" : "\n", stdout);
        rg_trace_table_text(stdout, &table);
    }
    rg_trace_table_done(&table);
    rg_trace_files_done(&files);
    return rg_trace_request_end(&q, status);
}
