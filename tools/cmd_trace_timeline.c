// SPDX-License-Identifier: MIT
// realloc-guard trace timeline: live memory over time.
#include "cmd_trace.h"

#include "need.h"
#include "trace_request.h"
#include "trace_text.h"
#include "trace_timeline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] = "Usage: realloc-guard trace timeline [OPTION]... FILE\n\n"
                            "Tells how much memory the program held over time: the most within "
                            "each row of equal time, the\n"
                            "live blocks at its end, and how many calls of malloc & co. and free "
                            "there were in a second.\n\n"
                            "Options:\n"
                            "  --rows=N       how many rows (40)\n"
                            "  --format=FORMAT\n"
                            "                 text; or tsv: exact numbers, times in ns\n"
                            "  --help         this text\n";

enum { BAR = 40, ROWS_MOST = RG_TRACE_TIMELINE_MOST };

static void put_text_row(const struct rg_trace_moment *m, double from_ns, double width_ns,
                         uint64_t peak_bytes, bool has_peak) {
    const double seconds = width_ns / 1e9;
    const double share = peak_bytes ? (double)m->most_bytes / (double)peak_bytes : 0;
    const int bar = (int)(share * BAR + 0.5);
    char line[BAR + 1];
    for (int i = 0; i < bar && i < BAR; i++) {
        line[i] = '#';
    }
    line[bar < BAR ? bar : BAR] = 0;
    printf("%10s %10s %11s %13s %13s%s%s%s\n", rg_ns_text((uint64_t)from_ns).text,
           rg_bytes_text(m->most_bytes).text, rg_count_text(m->live_blocks).text,
           rg_count_text((uint64_t)((double)m->allocations / seconds)).text,
           rg_count_text((uint64_t)((double)m->frees / seconds)).text, *line ? "  " : "", line,
           has_peak ? " <- peak" : "");
}

static void put_rows(const struct rg_trace_session *s, const struct rg_trace_timeline *t,
                     size_t rows, bool is_tsv) {
    struct rg_trace_moment *row = rg_need(rows * sizeof *row);
    const uint64_t until = rg_trace_reader_info(s->reader)->duration_ns;
    const double width = (double)(until ? until : 1) / (double)rows;
    const struct rg_trace_figures *all = rg_trace_model_totals(s->model);
    rg_trace_timeline_rows(t, until, rows, row);
    size_t peak = 0;
    for (size_t i = 1; i < rows; i++) {
        peak = row[i].most_bytes > row[peak].most_bytes ? i : peak;
    }
    if (is_tsv) {
        puts("from_ns\tuntil_ns\tmost_bytes\tlive_bytes\tlive_blocks\tallocations\tfrees\tpeak");
    } else {
        const uint64_t when = rg_trace_reader_ns(s->reader, rg_trace_model_peak_ticks(s->model));
        printf("The peak is %s in %s blocks after %s; a row is %s\n\n",
               rg_bytes_text(all->at_peak_bytes).text, rg_count_text(all->at_peak_blocks).text,
               rg_ns_text(when).text, rg_ns_text((uint64_t)width).text);
        printf("%10s %10s %11s %13s %13s\n", "from", "most", "blocks", "allocations/s", "frees/s");
    }
    for (size_t i = 0; i < rows; i++) {
        const double from = (double)i * width;
        const bool has_peak = i == peak && all->peak_bytes > 0;
        if (is_tsv) {
            printf("%.0f\t%.0f\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
                   "\t%d\n",
                   from, from + width, row[i].most_bytes, row[i].live_bytes, row[i].live_blocks,
                   row[i].allocations, row[i].frees, has_peak);
        } else {
            put_text_row(&row[i], from, width, all->peak_bytes, has_peak);
        }
    }
    free(row);
}

static int tell(struct rg_trace_request *q, uint64_t rows, bool is_tsv) {
    struct rg_trace_session s;
    struct rg_trace_timeline t;
    if (!rg_trace_session_open(&s, q, q->files[0])) {
        return RG_TRACE_REFUSED;
    }
    rg_trace_timeline_begin(&t, s.reader, s.model);
    rg_trace_model_read(s.model, s.reader, rg_trace_timeline_event, &t, true);
    put_rows(&s, &t, (size_t)rows, is_tsv);
    rg_trace_timeline_done(&t);
    return rg_trace_session_close(&s);
}

int rg_trace_timeline(int argc, char **argv) {
    uint64_t rows = 40;
    int format = 0;
    const struct rg_trace_option options[] = {
        {.name = "rows", .value = RG_TRACE_COUNT, .to = &rows},
        {.name = "format", .value = RG_TRACE_WORD, .to = &format, .words = "text|tsv"}};
    struct rg_trace_request q = {.command = argv[0],
                                 .usage = usage,
                                 .options = options,
                                 .option_count = RG_ARRAY_LEN(options),
                                 .files_most = 1};
    int status = rg_trace_request_parse(&q, argc, argv);
    if (status == RG_TRACE_GO && rows > ROWS_MOST) {
        status = rg_trace_refuse(&q, "too many rows", "--rows", "take 16384 at most");
    }
    return rg_trace_request_end(&q, status == RG_TRACE_GO ? tell(&q, rows, format == 1) : status);
}
