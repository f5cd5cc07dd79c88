// SPDX-License-Identifier: MIT
// See trace_summary.h: the JSON.
#include "trace_summary.h"

#include "trace_measure.h"
#include "trace_words.h"

#include <stdio.h>

static void put_process(struct rg_writer *w, const struct rg_trace_info *info) {
    rg_write_number(w, "pid", info->pid);
    rg_write_positive(w, "parent_pid", info->parent_pid);
    rg_write_text(w, "program", info->program);
    rg_write_text(w, "command", info->command);
    rg_write_number(w, "realtime_ns", info->realtime_ns);
    rg_write_number(w, "duration_ns", info->duration_ns);
    rg_write_raw(w, "has_ended", info->has_ended ? "true" : "false");
    rg_write_number(w, "threads", info->thread_count);
    rg_write_number(w, "file_bytes", info->file_bytes);
    rg_write_number(w, "damaged_places", info->damaged_chunks);
    rg_write_open(w, "notes", '[');
    for (size_t i = 0; i < info->note_count; i++) {
        rg_write_text(w, NULL, info->notes[i]);
    }
    rg_write_close(w, ']');
}

static void put_calls(struct rg_writer *w, const char *key, const uint64_t *by) {
    rg_write_open(w, key, '{');
    for (int how = 0; how < RG_TRACE_HOWS; how++) {
        rg_write_positive(w, rg_trace_how_name((enum rg_trace_how)how), by[how]);
    }
    rg_write_close(w, '}');
}

static void put_figures(struct rg_writer *w, const struct rg_trace_figures *f) {
    rg_write_number(w, "allocations", f->allocations);
    rg_write_number(w, "bytes", f->bytes);
    rg_write_number(w, "reallocs", f->reallocs);
    rg_write_number(w, "moved", f->moved);
    rg_write_number(w, "forced", f->forced);
    rg_write_number(w, "copied_bytes", f->copied_bytes);
    rg_write_number(w, "live_blocks", f->live_blocks);
    rg_write_number(w, "live_bytes", f->live_bytes);
    rg_write_number(w, "at_peak_blocks", f->at_peak_blocks);
    rg_write_number(w, "at_peak_bytes", f->at_peak_bytes);
    rg_write_number(w, "temporary", f->temporary);
    rg_write_number(w, "ended", f->ended);
    rg_write_number(w, "lifetime_ns", f->lifetime_ns);
    rg_write_number(w, "failed", f->failed);
}

static void put_site(struct rg_writer *w, const struct rg_trace_site *site) {
    const struct rg_trace_name *name = site->name;
    rg_write_open(w, NULL, '{');
    rg_write_text(w, "function", name ? name->function : "?");
    if (name && name->file) {
        rg_write_text(w, "file", name->file);
        rg_write_positive(w, "line", name->line);
    }
    if (name && *name->module) {
        rg_write_text(w, "module", name->module);
    }
    rg_write_number(w, "stacks", site->stack_count);
    put_figures(w, &site->figures);
    rg_write_close(w, '}');
}

void rg_trace_summary_json(struct rg_writer *w, struct rg_trace_summary *s, const char *path,
                           uint64_t count) {
    const struct rg_trace_figures *f = rg_trace_model_totals(s->model);
    rg_write_open(w, NULL, '{');
    rg_write_text(w, "file", path);
    put_process(w, rg_trace_reader_info(s->reader));
    rg_write_number(w, "events", s->events);
    put_figures(w, f);
    rg_write_number(w, "most_blocks", f->peak_blocks);
    rg_write_number(w, "peak_ns",
                    rg_trace_reader_ns(s->reader, rg_trace_model_peak_ticks(s->model)));
    rg_write_number(w, "frees", rg_trace_model_frees(s->model));
    rg_write_number(w, "unknown", rg_trace_model_unknown(s->model));
    rg_write_number(w, "lost_frees", rg_trace_model_lost_frees(s->model));
    rg_write_number(w, "largest", s->largest);
    rg_write_number(w, "zero_sized", s->zero_sized);
    put_calls(w, "allocations_by", s->allocations_by);
    put_calls(w, "frees_by", s->frees_by);
    rg_trace_sites_sort(&s->sites, rg_measure_at_peak);
    rg_write_open(w, "sites", '[');
    for (size_t i = 0; i < s->sites.count && i < count; i++) {
        put_site(w, &s->sites.sites[i]);
    }
    rg_write_close(w, ']');
    rg_write_close(w, '}');
}
