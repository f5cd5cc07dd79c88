// SPDX-License-Identifier: MIT
// realloc-guard trace export: a trace in the formats of other programs.
#include "cmd_trace.h"

#include "export.h"
#include "export_file.h"
#include "text_out.h"
#include "trace_request.h"

#include "base/compiler.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
    "Usage: realloc-guard trace export --to=FORMAT [OPTION]... [-o OUT] FILE\n\n"
    "Writes a trace in the format of another program, which shows it.\n\n"
    "Formats:\n"
    "  chrome         Trace Event Format: what was live over time, and the largest blocks,\n"
    "                 reallocs and failures; for ui.perfetto.dev and chrome://tracing\n"
    "  heaptrack      every event; for heaptrack_gui and heaptrack_print\n"
    "  pprof          a heap profile; for go tool pprof, and what else reads profile.proto\n\n"
    "Options:\n"
    "  --to=FORMAT    chrome, heaptrack or pprof\n"
    "  -o OUT         write into OUT rather than to standard output; chrome and heaptrack are\n"
    "                 compressed if its name ends in .gz, pprof always is\n"
    "  --at=MOMENT    pprof: inuse is what was live at the end (the default), or at the peak\n"
    "  --largest=N    chrome: how many blocks, reallocs and failures, of each the largest (1000)\n"
    "  --help         this text\n\n"
    "The exit status is 0; 1 where a trace was damaged, and the rest was exported; 2 where\n"
    "nothing was.\n";

enum format { CHROME, HEAPTRACK, PPROF };

// NULL: to standard output.
struct request {
    int format, at;
    bool has_format, has_at, has_largest;
    const char *output;
    uint64_t largest;
};

static bool ends_in(const char *text, const char *end) {
    const size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && !strcmp(text + len - end_len, end);
}

// Whether the output would overwrite the trace.
static bool is_same_file(const char *input, const char *output) {
    struct stat in, out;
    return !stat(input, &in) && !stat(output, &out) && in.st_dev == out.st_dev &&
           in.st_ino == out.st_ino;
}

// Says what is wrong. Returns whether nothing is.
static bool check(const struct rg_trace_request *q, const struct request *r) {
    if (!r->has_format) {
        fputs("realloc-guard: trace export: to what is not said; add --to=chrome, heaptrack or "
              "pprof\n",
              stderr);
        return false;
    }
    if (r->has_at && r->format != PPROF) {
        fputs("realloc-guard: trace export: --at is for --to=pprof; leave it out\n", stderr);
        return false;
    }
    if (r->has_largest && r->format != CHROME) {
        fputs("realloc-guard: trace export: --largest is for --to=chrome; leave it out\n", stderr);
        return false;
    }
    if (r->output && is_same_file(q->files[0], r->output)) {
        rg_trace_refuse(q, "this would overwrite the trace", r->output, "name another file");
        return false;
    }
    if (!r->output && r->format == PPROF && isatty(STDOUT_FILENO)) {
        fputs("realloc-guard: trace export: pprof's format is nothing for a terminal; name a file "
              "with -o\n",
              stderr);
        return false;
    }
    return true;
}

// Returns whether all was written; says why not. A pipe that nobody reads any more is no trouble.
static bool write_out(const struct request *r, struct rg_export *e) {
    static void (*const exports[])(const struct rg_export *e) = {
        [CHROME] = rg_export_chrome,
        [HEAPTRACK] = rg_export_heaptrack,
        [PPROF] = rg_export_pprof,
    };
    errno = 0;
    e->out = rg_export_file_open(r->output,
                                 r->format == PPROF || (r->output && ends_in(r->output, ".gz")));
    if (e->out) {
        exports[r->format](e);
        const bool is_good = !fflush(e->out) && !ferror(e->out);
        if (!fclose(e->out) && is_good) {
            return true;
        }
    }
    if (e->out && errno == EPIPE) {
        return true;
    }
    fputs("realloc-guard: trace export: ", stderr);
    rg_put_printable(stderr, r->output ? r->output : "standard output");
    fprintf(stderr, " cannot be written (%s); make room, or name another\n",
            strerror(errno ? errno : EIO));
    return false;
}

static int export_trace(const struct rg_trace_request *q, const struct request *r) {
    struct rg_trace_reader *reader = rg_trace_request_open(q, q->files[0]);
    if (!reader) {
        return RG_TRACE_REFUSED;
    }
    struct rg_export e = {.reader = reader,
                          .names = rg_trace_names_open(reader),
                          .model = rg_trace_model_open(),
                          .is_at_peak = r->at == 1,
                          .most = r->largest};
    int status = RG_TRACE_REFUSED;
    if (!e.names) {
        fputs("realloc-guard: trace export: out of memory; give the tool more\n", stderr);
    } else {
        status =
            write_out(r, &e) ? rg_trace_request_damage(q, q->files[0], reader) : RG_TRACE_REFUSED;
        rg_trace_names_close(e.names);
    }
    rg_trace_model_close(e.model);
    rg_trace_reader_close(reader);
    return status;
}

int rg_trace_export(int argc, char **argv) {
    struct request r = {.largest = 1000};
    const struct rg_trace_option options[] = {
        {"at", RG_TRACE_WORD, &r.at, "end|peak", &r.has_at},
        {"largest", RG_TRACE_COUNT, &r.largest, NULL, &r.has_largest},
        {"o", RG_TRACE_STRING, &r.output, NULL, NULL},
        {"to", RG_TRACE_WORD, &r.format, "chrome|heaptrack|pprof", &r.has_format},
    };
    struct rg_trace_request q = {.command = argv[0],
                                 .usage = usage,
                                 .options = options,
                                 .option_count = RG_ARRAY_LEN(options),
                                 .files_most = 1};
    int status = rg_trace_request_parse(&q, argc, argv);
    if (status == RG_TRACE_GO) {
        status = check(&q, &r) ? export_trace(&q, &r) : RG_TRACE_REFUSED;
    }
    return rg_trace_request_end(&q, status);
}
