// SPDX-License-Identifier: MIT
// realloc-guard trace folded: a line for each stack, as flamegraph.pl and speedscope read it.
#include "cmd_trace.h"

#include "trace_measure.h"
#include "trace_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "Usage: realloc-guard trace folded [OPTION]... FILE\n\n"
    "Writes a line for each call stack, outermost function first: \"main;parse;grow 4096\". That "
    "is\n"
    "what flamegraph.pl, inferno and speedscope read.\n\n"
    "  realloc-guard trace folded FILE | flamegraph.pl --countname=bytes >graph.svg\n\n"
    "Options:\n"
    "  --value=VALUE  bytes      allocated, in sum (the default)\n"
    "                 calls      that allocated\n"
    "                 peak       bytes held when the program held most\n"
    "                 live       bytes never freed\n"
    "                 temporary  blocks freed by the very next call of the thread\n"
    "                 reallocs   calls of realloc with a block\n"
    "  --help         this text\n";

enum value { BYTES, CALLS, PEAK, LIVE, TEMPORARY, REALLOCS };

static rg_trace_measure_fn *const values[] = {
    [BYTES] = rg_measure_bytes,         [CALLS] = rg_measure_calls,
    [PEAK] = rg_measure_at_peak,        [LIVE] = rg_measure_live,
    [TEMPORARY] = rg_measure_temporary, [REALLOCS] = rg_measure_reallocs,
};

// Neither a semicolon nor a control character is part of a name there, and a line ends with a blank and the number.
static void put_name(const char *name) {
    for (; *name; name++) {
        const unsigned char c = (unsigned char)*name;
        putchar(c == ';' ? ':' : c < ' ' || c == 0x7f ? '?' : c);
    }
}

static void put_stack(const struct rg_trace_session *s, uint32_t id) {
    const struct rg_trace_stack stack = rg_trace_reader_stack(s->reader, id);
    const char *separator = "";
    if (stack.count == 0) {
        fputs("[no stack]", stdout);
    }
    for (size_t i = stack.count; i-- > 0;) {
        const struct rg_trace_frame_names names = rg_trace_names_of(s->names, stack.frames[i]);
        // The guard stands between the C library and main.
        const bool is_guard = !strncmp(names.names->module, "librealloc_guard.", 17);
        for (size_t j = is_guard && i > 0 ? 0 : names.count; j-- > 0;) {
            fputs(separator, stdout);
            put_name(names.names[j].function);
            separator = ";";
        }
    }
}

static int tell(struct rg_trace_request *q, int value) {
    struct rg_trace_session s;
    if (!rg_trace_session_open(&s, q, q->files[0])) {
        return RG_TRACE_REFUSED;
    }
    rg_trace_model_read(s.model, s.reader, NULL, NULL, true);
    const uint32_t last = rg_trace_model_last_stack(s.model);
    for (uint32_t id = 0; id <= last; id++) {
        const uint64_t n = values[value](rg_trace_model_of(s.model, id));
        if (n > 0) {
            put_stack(&s, id);
            printf(" %" PRIu64 "\n", n);
        }
    }
    return rg_trace_session_close(&s);
}

int rg_trace_folded(int argc, char **argv) {
    int value = BYTES;
    const struct rg_trace_option options[] = {
        {.name = "value",
         .value = RG_TRACE_WORD,
         .to = &value,
         .words = "bytes|calls|peak|live|temporary|reallocs"}};
    struct rg_trace_request q = {.command = argv[0],
                                 .usage = usage,
                                 .options = options,
                                 .option_count = RG_ARRAY_LEN(options),
                                 .files_most = 1};
    const int status = rg_trace_request_parse(&q, argc, argv);
    return rg_trace_request_end(&q, status == RG_TRACE_GO ? tell(&q, value) : status);
}
