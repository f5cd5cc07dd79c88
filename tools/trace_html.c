// SPDX-License-Identifier: MIT
// realloc-guard trace html: the page as a whole, see trace_html.h.
#include "trace_html.h"

#include "html_text.h"
#include "need.h"

#include <stdlib.h>
#include <string.h>

static const struct rg_html_assets assets = {rg_trace_html_style, rg_trace_html_style_hash,
                                             rg_trace_html_script, rg_trace_html_script_hash};

static void take_event(void *arg, const struct rg_trace_event *e, uint32_t thread,
                       const struct rg_trace_block *before, const struct rg_trace_block *after) {
    struct rg_trace_page *page = arg;
    const uint64_t ns = rg_trace_reader_ns(page->reader, e->ticks);
    if (e->kind == RG_TRACE_FREE && before->address && !rg_trace_is_lost_free(e)) {
        const uint64_t born = rg_trace_reader_ns(page->reader, before->born);
        rg_trace_html_add_lifetime(&page->lifetimes, ns > born ? ns - born : 0, before->size);
    }
    rg_trace_reallocs_event(page->reallocs, e, thread, before, after);
    rg_trace_line_add(&page->line, (struct rg_trace_point){.ns = ns,
                                                           .bytes = page->totals->live_bytes,
                                                           .blocks = page->totals->live_blocks});
}

uint64_t rg_trace_html_peak_ns(const struct rg_trace_page *page) {
    return rg_trace_reader_ns(page->reader, rg_trace_model_peak_ticks(page->model));
}

const char *rg_trace_html_program(const struct rg_trace_page *page) {
    const char *slash = strrchr(page->info->program, '/');
    return slash && slash[1] ? slash + 1 : page->info->program;
}

static void put_page(struct rg_trace_page *page) {
    FILE *out = page->out;
    rg_html_page_open(out, &assets);
    fputs("Memory of ", out);
    rg_html_put(out, rg_trace_html_program(page));
    rg_html_page_body(out, &assets);
    rg_trace_html_put_head(page);
    fputs("<main id=\"trace\" tabindex=\"-1\">\n", out);
    rg_trace_html_put_chart(page);
    rg_trace_html_put_peak(page);
    rg_trace_html_put_flame(page);
    rg_trace_html_put_sites(page);
    rg_trace_html_put_growth(page);
    rg_trace_html_put_lifetimes(page);
    fputs("</main>\n<footer>\n<p>Bytes are those that were asked for, and 1 kB is 1,000 bytes. A "
          "realloc counts as an allocation of its new size. Blocks are temporary that the next "
          "call of "
          "the same thread freed. Made by realloc-guard " RG_VERSION ".</p>\n</footer>\n",
          out);
    rg_html_page_close(out, &assets);
}

bool rg_trace_html_write(struct rg_trace_reader *reader, FILE *out) {
    struct rg_trace_names *names = rg_trace_names_open(reader);
    if (!names) {
        return false;
    }
    struct rg_trace_page *page = rg_need(sizeof *page);
    const struct rg_trace_info *info = rg_trace_reader_info(reader);
    page->out = out;
    page->reader = reader;
    page->info = info;
    page->names = names;
    page->model = rg_trace_model_open();
    page->reallocs = rg_trace_reallocs_open();
    page->totals = rg_trace_model_totals(page->model);
    page->line.span_ns = info->duration_ns / RG_TRACE_SPANS + 1;
    rg_trace_model_read(page->model, reader, take_event, page, true);
    page->sites = rg_trace_sites_make(page->model, page->names, RG_TRACE_BY_SITE);
    put_page(page);
    rg_trace_sites_done(&page->sites);
    rg_trace_reallocs_close(page->reallocs);
    rg_trace_model_close(page->model);
    rg_trace_names_close(page->names);
    free(page);
    return true;
}
