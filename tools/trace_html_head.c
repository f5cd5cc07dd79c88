// SPDX-License-Identifier: MIT
// The top of the page, see trace_html.h.
#include "trace_html.h"

#include "convert_facts.h"
#include "html_text.h"
#include "trace_html_text.h"
#include "trace_text.h"

#include <inttypes.h>

static void put_verdict(const struct rg_trace_page *page) {
    FILE *out = page->out;
    fputs("<p class=\"verdict\"><strong>", out);
    fputs(rg_bytes_text(page->totals->peak_bytes).text, out);
    fputs("</strong> at the peak; ", out);
    fputs(rg_bytes_text(page->totals->bytes).text, out);
    fputs(" allocated in ", out);
    rg_html_put_count(out, page->totals->allocations, "call", "calls");
    fputs(page->info->has_ended ? "; " : "; so far ", out);
    if (page->totals->live_blocks > 0) {
        fputs(rg_bytes_text(page->totals->live_bytes).text, out);
        fputs(page->info->has_ended ? " never freed.</p>\n" : " live.</p>\n", out);
    } else {
        fputs("all of it freed.</p>\n", out);
    }
}

// What the reader must know not to take the page for the whole truth.
static void put_warnings(const struct rg_trace_page *page) {
    const struct rg_trace_info *info = page->info;
    FILE *out = page->out;
    if (info->has_ended && info->damaged_chunks + info->note_count == 0) {
        return;
    }
    fputs("<section class=\"warnings\" aria-label=\"What to know\"><h2>What to know of this "
          "trace</h2><ul>\n",
          out);
    if (!info->has_ended) {
        fputs("<li>The process did not end by exit: it was killed, has crashed, or was still "
              "running.</li>\n",
              out);
    }
    if (info->damaged_chunks > 0) {
        fputs("<li>", out);
        rg_html_put_count(out, info->damaged_chunks,
                          "part of the file is damaged or cut off and was left out",
                          "parts of the file are damaged or cut off and were left out");
        fputs(": figures are a lower bound.</li>\n", out);
    }
    for (size_t i = 0; i < info->note_count; i++) {
        fputs("<li>", out);
        rg_html_put(out, info->notes[i]);
        fputs("</li>\n", out);
    }
    fputs("</ul></section>\n", out);
}

static void put_code(FILE *out, const char *name, const char *text) {
    if (*text) {
        fprintf(out, "<div><dt>%s</dt><dd><code>", name);
        rg_html_put(out, text);
        fputs("</code></dd></div>\n", out);
    }
}

static void put_facts(const struct rg_trace_page *page) {
    const struct rg_trace_info *info = page->info;
    FILE *out = page->out;
    struct rg_time_text when;
    fputs("<dl class=\"facts\">\n", out);
    put_code(out, "Program", info->program);
    put_code(out, "Command", info->command);
    fprintf(out, "<div><dt>Process</dt><dd>%" PRIu32, info->pid);
    if (info->parent_pid > 0) {
        fprintf(out, ", forked by %" PRIu32, info->parent_pid);
    }
    fputs(", ", out);
    rg_html_put_count(out, info->thread_count, "thread", "threads");
    fputs("</dd></div>\n", out);
    if (rg_time_text((double)info->realtime_ns / 1e9, "%F %T", &when)) {
        fprintf(out, "<div><dt>When</dt><dd>%s UTC, for %s</dd></div>\n", when.text,
                rg_ns_text(info->duration_ns).text);
    }
    fprintf(out, "<div><dt>Ended</dt><dd>%s</dd></div>\n</dl>\n",
            info->has_ended ? "by exit" : "not by exit");
}

// note: HTML, or NULL.
static void put_total(FILE *out, const char *name, const char *value, const char *note) {
    fprintf(out, "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"n\">%s</td></tr>\n", name,
            value, note ? note : "");
}

static void put_totals(const struct rg_trace_page *page) {
    const struct rg_trace_figures *t = page->totals;
    const uint64_t frees = rg_trace_model_frees(page->model);
    FILE *out = page->out;
    fputs("<table class=\"totals\" aria-label=\"Totals\">\n<tbody>\n", out);
    put_total(out, "Allocations", rg_count_text(t->allocations).text, rg_bytes_text(t->bytes).text);
    put_total(out, "of them realloc", rg_count_text(t->reallocs).text, NULL);
    put_total(out, "that moved", rg_count_text(t->moved).text,
              t->copied_bytes > 0 ? rg_bytes_text(t->copied_bytes).text : NULL);
    put_total(out, "Frees", rg_count_text(frees).text, NULL);
    put_total(out, "Live at the peak", rg_count_text(t->at_peak_blocks).text,
              rg_bytes_text(t->at_peak_bytes).text);
    put_total(out, "Live at the end", rg_count_text(t->live_blocks).text,
              rg_bytes_text(t->live_bytes).text);
    put_total(out, "Temporary", rg_count_text(t->temporary).text,
              rg_share_text(t->temporary, t->allocations).text);
    if (t->failed > 0) {
        put_total(out, "Failed", rg_count_text(t->failed).text, NULL);
    }
    if (rg_trace_model_unknown(page->model) > 0) {
        put_total(out, "Of blocks of before",
                  rg_count_text(rg_trace_model_unknown(page->model)).text, NULL);
    }
    fputs("</tbody></table>\n", out);
}

void rg_trace_html_put_head(struct rg_trace_page *page) {
    FILE *out = page->out;
    fputs("<a class=\"skip\" href=\"#trace\">Skip to the pictures</a>\n<header>\n<h1>Memory of ",
          out);
    rg_html_put(out, rg_trace_html_program(page));
    fputs("</h1>\n", out);
    put_verdict(page);
    put_warnings(page);
    fputs("<div class=\"overview\">\n", out);
    put_facts(page);
    put_totals(page);
    fputs("</div>\n</header>\n<nav class=\"parts\" aria-label=\"Parts of the page\"><a "
          "href=\"#memory\">Over time</a> <a href=\"#peak\">Peak</a> <a href=\"#callers\">Who "
          "allocates</a> <a href=\"#sites\">Sites</a> <a href=\"#growth\">Growth</a> <a "
          "href=\"#lifetimes\">Lifetimes</a></nav>\n",
          out);
}
