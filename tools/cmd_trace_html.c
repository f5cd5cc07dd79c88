// SPDX-License-Identifier: MIT
// realloc-guard trace html: a trace as one page for a person.
#include "cmd_trace.h"

#include "need.h"
#include "trace_html.h"
#include "trace_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

// The page, as text to be freed; NULL: it cannot be made, which was said.
static char *make_page(const struct rg_trace_request *q, size_t *ret_len, int *ret_status) {
    struct rg_trace_reader *r = rg_trace_request_open(q, q->files[0]);
    if (!r) {
        *ret_status = RG_TRACE_REFUSED;
        return NULL;
    }
    char *text = NULL;
    FILE *out = rg_need_stream(&text, ret_len);
    const bool is_made = rg_trace_html_write(r, out);
    fclose(out);
    *ret_status = is_made ? rg_trace_request_damage(q, q->files[0], r) : RG_TRACE_REFUSED;
    rg_trace_reader_close(r);
    if (!is_made) {
        fprintf(stderr, "realloc-guard: trace %s: memory is short; give the tool more\n",
                q->command);
        free(text);
        return NULL;
    }
    return text;
}

static int write_file(const struct rg_trace_request *q, const char *output, const char *text,
                      size_t len) {
    FILE *out = fopen(output, "we");
    if (out) {
        bool is_written = fwrite(text, 1, len, out) == len && !fflush(out);
        const int error = errno;
        is_written = !fclose(out) && is_written;
        if (is_written) {
            return 0;
        }
        errno = error;
    }
    fprintf(stderr,
            "realloc-guard: trace %s: %s cannot be written (%s); make room, or name another\n",
            q->command, output, strerror(errno));
    return RG_TRACE_REFUSED;
}

static int write_page(const struct rg_trace_request *q, const char *output) {
    size_t len;
    int status;
    char *text = make_page(q, &len, &status);
    if (text && output) {
        const int written = write_file(q, output, text, len);
        status = written ? written : status;
    } else if (text) {
        fwrite(text, 1, len, stdout);
    }
    free(text);
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
