// SPDX-License-Identifier: MIT
// realloc-guard trace html: a trace as one page for a person.
#include "cmd_trace.h"

#include "trace_html.h"
#include "trace_request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "Usage: realloc-guard trace html [-o OUT] FILE\n\n"
    "Writes one page that shows what the program allocated: memory over time, who held it at the\n"
    "peak, a flame graph of the callers, the sites, what grows by realloc, and how long blocks\n"
    "lived. It needs no other file and no network, and can be sent to others.\n\n"
    "Options:\n"
    "  -o OUT, --output=OUT\n"
    "                 write into OUT rather than to standard output\n"
    "  --help         this text\n";

static int say_unwritten(const struct rg_trace_request *q, const char *output, int error) {
    char *what = strerror(error ? error : EIO);
    fprintf(stderr,
            "realloc-guard: trace %s: %s cannot be written (%s); make room, or name another\n",
            q->command, output, what);
    return RG_TRACE_REFUSED;
}

static int write_page(const struct rg_trace_request *q, const char *output) {
    struct rg_trace_reader *r = rg_trace_request_open(q, q->files[0]);
    if (!r) {
        return RG_TRACE_REFUSED;
    }
    FILE *out = output ? fopen(output, "we") : stdout;
    if (!out) {
        const int error = errno;
        rg_trace_reader_close(r);
        return say_unwritten(q, output, error);
    }
    rg_trace_html_write(r, out);
    int status = rg_trace_request_damage(q, q->files[0], r);
    rg_trace_reader_close(r);
    if (output) {
        errno = 0;
        const bool is_written = !ferror(out);
        if (fclose(out) || !is_written) {
            status = say_unwritten(q, output, errno);
        }
    }
    return status;
}

int rg_trace_html(int argc, char **argv) {
    const char *output = NULL;
    const struct rg_trace_option options[] = {
        {.name = "output", .value = RG_TRACE_STRING, .to = &output}};
    struct rg_trace_request q = {.command = argv[0],
                                 .usage = usage,
                                 .options = options,
                                 .option_count = sizeof options / sizeof *options,
                                 .files_most = 1};
    static char long_name[] = "--output";
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (!strcmp(argv[i], "-o")) {
            argv[i] = long_name;
        }
    }
    int status = rg_trace_request_parse(&q, argc, argv);
    if (status == RG_TRACE_GO) {
        status = write_page(&q, output);
    }
    return rg_trace_request_end(&q, status);
}
