// SPDX-License-Identifier: MIT
// See trace_table.h.
#include "trace_table.h"

#include "need.h"
#include "text_out.h"
#include "trace_text.h"

#include <inttypes.h>
#include <stdlib.h>

void rg_trace_table_add(struct rg_trace_table *t, const struct rg_trace_reader *r,
                        const struct rg_trace_model *m) {
    const struct rg_trace_info *info = rg_trace_reader_info(r);
    const struct rg_trace_figures *f = rg_trace_model_totals(m);
    t->rows = rg_need_room(t->rows, t->count, sizeof *t->rows);
    t->rows[t->count++] = (struct rg_trace_row){
        .pid = info->pid,
        .begin_ns = info->realtime_ns,
        .duration_ns = info->duration_ns,
        .allocations = f->allocations,
        .bytes = f->bytes,
        .peak_bytes = f->at_peak_bytes,
        .live_bytes = f->live_bytes,
        .reallocs = f->reallocs,
        .moved = f->moved,
        .command = rg_need_copy(*info->command ? info->command : info->program)};
}

static int compare(const void *one, const void *other) {
    const struct rg_trace_row *a = one, *b = other;
    return a->begin_ns != b->begin_ns ? (a->begin_ns > b->begin_ns) - (a->begin_ns < b->begin_ns)
                                      : (a->pid > b->pid) - (a->pid < b->pid);
}

static void put_figures(FILE *out, const struct rg_trace_row *row) {
    fprintf(out, " %12s %10s %10s %10s %10s %10s  ", rg_count_text(row->allocations).text,
            rg_bytes_text(row->bytes).text, rg_bytes_text(row->peak_bytes).text,
            rg_bytes_text(row->live_bytes).text, rg_count_text(row->reallocs).text,
            rg_count_text(row->moved).text);
}

void rg_trace_table_text(FILE *out, struct rg_trace_table *t) {
    struct rg_trace_row all = {0};
    if (t->count == 0) {
        return;
    }
    qsort(t->rows, t->count, sizeof *t->rows, compare);
    fprintf(out, "%10s %12s %12s %10s %10s %10s %10s %10s  %s\n", "pid", "lasted", "allocations",
            "allocated", "at peak", "at end", "reallocs", "moved", "command");
    for (size_t i = 0; i < t->count; i++) {
        const struct rg_trace_row *row = &t->rows[i];
        fprintf(out, "%10" PRIu32 " %12s", row->pid, rg_ns_text(row->duration_ns).text);
        put_figures(out, row);
        rg_put_printable(out, row->command);
        fputc('\n', out);
        all.allocations += row->allocations;
        all.bytes += row->bytes;
        all.peak_bytes = row->peak_bytes > all.peak_bytes ? row->peak_bytes : all.peak_bytes;
        all.live_bytes += row->live_bytes;
        all.reallocs += row->reallocs;
        all.moved += row->moved;
    }
    fprintf(out, "%10s %12s", "all", "");
    put_figures(out, &all);
    fprintf(out, "%s trace%s; \"at peak\" is the highest of one\n", rg_count_text(t->count).text,
            rg_plural(t->count));
}

void rg_trace_table_done(struct rg_trace_table *t) {
    for (size_t i = 0; i < t->count; i++) {
        free(t->rows[i].command);
    }
    free(t->rows);
}
