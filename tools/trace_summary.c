// SPDX-License-Identifier: MIT
// See trace_summary.h: reading it, and the text.
#include "trace_summary.h"

#include "text_out.h"
#include "trace_measure.h"
#include "trace_text.h"
#include "trace_words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

static void take_event(void *arg, const struct rg_trace_event *e, uint32_t thread,
                       const struct rg_trace_block *before, const struct rg_trace_block *after) {
    (void)thread;
    (void)before;
    struct rg_trace_summary *s = arg;
    if (rg_trace_is_lost_free(e)) {
        return;
    }
    s->events++;
    if (e->kind == RG_TRACE_FREE) {
        s->frees_by[e->how]++;
    } else if (after->address && e->kind != RG_TRACE_FAILED) {
        s->allocations_by[e->kind == RG_TRACE_ALLOC ? e->how : RG_TRACE_BY_REALLOC]++;
        s->zero_sized += e->size == 0;
        s->largest = e->size > s->largest ? e->size : s->largest;
    }
}

void rg_trace_summary_read(struct rg_trace_summary *s, struct rg_trace_reader *r,
                           struct rg_trace_model *m, struct rg_trace_names *n) {
    *s = (struct rg_trace_summary){.reader = r, .model = m};
    rg_trace_model_read(m, r, take_event, s, true);
    s->sites = rg_trace_sites_make(m, n, RG_TRACE_BY_SITE);
}

void rg_trace_summary_done(struct rg_trace_summary *s) {
    rg_trace_sites_done(&s->sites);
}

static void put_label(FILE *out, const char *label) {
    fprintf(out, "%-12s", label);
}

static void put_line(FILE *out, const char *label, const char *text) {
    put_label(out, label);
    rg_put_printable(out, text);
    fputc('\n', out);
}

static void put_process(FILE *out, const struct rg_trace_info *info) {
    char when[64] = "?";
    struct tm tm;
    const time_t seconds = (time_t)(info->realtime_ns / 1000000000);
    if (localtime_r(&seconds, &tm)) {
        strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &tm);
    }
    if (*info->command) {
        put_line(out, "command", info->command);
    }
    put_label(out, "program");
    rg_put_printable(out, info->program);
    fprintf(out, ", pid %" PRIu32, info->pid);
    if (info->parent_pid) {
        fprintf(out, ", forked by %" PRIu32, info->parent_pid);
    }
    put_label(out, "\nrecorded");
    fprintf(out, " %s, for %s; %s\n", when, rg_ns_text(info->duration_ns).text,
            info->has_ended ? "the program exited"
                            : "it was killed, crashed, ran another program, or runs on");
    put_label(out, "threads");
    fprintf(out, "%" PRIu32, info->thread_count);
    fputc('\n', out);
    for (size_t i = 0; i < info->note_count; i++) {
        put_line(out, "note", info->notes[i]);
    }
}

static void put_calls(FILE *out, const uint64_t *by) {
    bool is_behind = false;
    for (int how = 0; how < RG_TRACE_HOWS; how++) {
        if (by[how] > 0) {
            fprintf(out, "%s%s %s", is_behind ? ", " : ": ",
                    rg_trace_how_name((enum rg_trace_how)how), rg_count_text(by[how]).text);
            is_behind = true;
        }
    }
    fputc('\n', out);
}

static void put_totals(FILE *out, const struct rg_trace_summary *s) {
    const struct rg_trace_figures *f = rg_trace_model_totals(s->model);
    const uint64_t unknown = rg_trace_model_unknown(s->model);
    fputc('\n', out);
    put_label(out, "allocated");
    fprintf(out, "%s in %s call%s", rg_bytes_text(f->bytes).text,
            rg_count_text(f->allocations).text, rg_plural(f->allocations));
    put_calls(out, s->allocations_by);
    put_label(out, "");
    fprintf(out, "on average %s, at most %s",
            rg_bytes_text(f->allocations ? f->bytes / f->allocations : 0).text,
            rg_bytes_text(s->largest).text);
    if (s->zero_sized > 0) {
        fprintf(out, "; %s of 0 bytes", rg_count_text(s->zero_sized).text);
    }
    fputc('\n', out);
    put_label(out, "freed");
    fprintf(out, "%s block%s", rg_count_text(rg_trace_model_frees(s->model)).text,
            rg_plural(rg_trace_model_frees(s->model)));
    put_calls(out, s->frees_by);
    if (unknown > 0) {
        put_label(out, "");
        fprintf(out, "%s call%s of free or realloc had a block from before the trace\n",
                rg_count_text(unknown).text, rg_plural(unknown));
    }
    const uint64_t lost = rg_trace_model_lost_frees(s->model);
    if (lost > 0) {
        put_label(out, "");
        fprintf(out,
                "%s more whose free is missing from the trace: the address was given out again\n",
                rg_count_text(lost).text);
    }
    put_label(out, "short-lived");
    fprintf(out, "%s block%s (%s of the allocations) freed by the very next call of the thread\n",
            rg_count_text(f->temporary).text, rg_plural(f->temporary),
            rg_share_text(f->temporary, f->allocations).text);
    if (f->failed > 0) {
        put_label(out, "failed");
        fprintf(out, "%s call%s, for want of memory\n", rg_count_text(f->failed).text,
                rg_plural(f->failed));
    }
}

static void put_realloc(FILE *out, const struct rg_trace_summary *s) {
    const struct rg_trace_figures *f = rg_trace_model_totals(s->model);
    put_label(out, "realloc");
    if (f->reallocs == 0) {
        fputs("never called with a block\n", out);
        return;
    }
    fprintf(out, "%s call%s with a block: %s stayed in place, %s moved (%s)\n",
            rg_count_text(f->reallocs).text, rg_plural(f->reallocs),
            rg_count_text(f->reallocs - f->moved).text, rg_count_text(f->moved).text,
            rg_share_text(f->moved, f->reallocs).text);
    put_label(out, "");
    fprintf(out, "%s copied", rg_bytes_text(f->copied_bytes).text);
    if (f->forced > 0) {
        fprintf(out, "; %s of the moves only because the guard wanted them",
                rg_count_text(f->forced).text);
    }
    fputc('\n', out);
}

static void put_sites(FILE *out, struct rg_trace_summary *s, uint64_t count, bool is_peak) {
    const struct rg_trace_figures *all = rg_trace_model_totals(s->model);
    rg_trace_sites_sort(&s->sites, is_peak ? rg_measure_at_peak : rg_measure_live);
    const uint64_t whole = is_peak ? all->at_peak_bytes : all->live_bytes;
    uint64_t left_bytes = whole, left_blocks = is_peak ? all->at_peak_blocks : all->live_blocks;
    size_t i = 0;
    for (; i < s->sites.count && i < count && left_blocks > 0; i++) {
        const struct rg_trace_site *site = &s->sites.sites[i];
        const struct rg_trace_figures *f = &site->figures;
        const uint64_t bytes = is_peak ? f->at_peak_bytes : f->live_bytes;
        const uint64_t blocks = is_peak ? f->at_peak_blocks : f->live_blocks;
        if (blocks == 0) {
            break;
        }
        fprintf(out, "  %10s %8s %11s  ", rg_bytes_text(bytes).text,
                rg_share_text(bytes, whole).text, rg_count_text(blocks).text);
        rg_put_printable(out, site->label);
        fputc('\n', out);
        left_bytes -= bytes;
        left_blocks -= blocks;
    }
    if (left_blocks > 0 && i > 0) {
        fprintf(out, "  %10s %8s %11s  elsewhere\n", rg_bytes_text(left_bytes).text,
                rg_share_text(left_bytes, whole).text, rg_count_text(left_blocks).text);
    }
}

static void put_peak(FILE *out, struct rg_trace_summary *s, uint64_t count) {
    const struct rg_trace_figures *f = rg_trace_model_totals(s->model);
    const uint64_t duration = rg_trace_reader_info(s->reader)->duration_ns;
    const uint64_t when = rg_trace_reader_ns(s->reader, rg_trace_model_peak_ticks(s->model));
    fprintf(out, "\nAt the peak, after %s (%s of the time), %s in %s block%s:\n",
            rg_ns_text(when).text, rg_share_text(when, duration).text,
            rg_bytes_text(f->at_peak_bytes).text, rg_count_text(f->at_peak_blocks).text,
            rg_plural(f->at_peak_blocks));
    put_sites(out, s, count, true);
    const bool has_ended = rg_trace_reader_info(s->reader)->has_ended;
    fprintf(out, "\nAt the end%s, %s in %s block%s%s\n", has_ended ? "" : " of the trace",
            rg_bytes_text(f->live_bytes).text, rg_count_text(f->live_blocks).text,
            rg_plural(f->live_blocks), f->live_blocks ? ":" : "");
    put_sites(out, s, count, false);
}

void rg_trace_summary_text(FILE *out, struct rg_trace_summary *s, uint64_t count) {
    put_process(out, rg_trace_reader_info(s->reader));
    if (s->events == 0) {
        fputs("\nNo call of malloc was recorded.\n", out);
        return;
    }
    put_totals(out, s);
    put_realloc(out, s);
    put_peak(out, s, count);
}
