// SPDX-License-Identifier: MIT
// The table of sites, see trace_html.h. Of very many sites those stay that are large in one of the figures.
#include "trace_html.h"

#include "html_text.h"
#include "trace_html_text.h"
#include "trace_measure.h"
#include "trace_text.h"

#include "base/compiler.h"

#include <inttypes.h>

enum { SITES_SHOWN = 400 };

static uint64_t copied(const struct rg_trace_figures *f) {
    return f->copied_bytes;
}

static uint64_t lifetime(const struct rg_trace_figures *f) {
    return f->ended > 0 ? f->lifetime_ns / f->ended : 0;
}

static const struct column {
    const char *name, *what;
    uint64_t (*of)(const struct rg_trace_figures *f);
    enum { BYTES, COUNT, TIME } unit;
} columns[] = {
    {"Allocated", "bytes of all its allocations", rg_measure_bytes, BYTES},
    {"Calls", "how many allocations", rg_measure_calls, COUNT},
    {"At the peak", "bytes that were live when the program had most", rg_measure_at_peak, BYTES},
    {"At the end", "bytes that are live at the end", rg_measure_live, BYTES},
    {"Temporary", "blocks that the next call of the same thread freed", rg_measure_temporary,
     COUNT},
    {"Reallocs", "of the calls, those of realloc", rg_measure_reallocs, COUNT},
    {"Copied", "bytes that realloc has copied", copied, BYTES},
    {"Lived", "how long its blocks lived, on average", lifetime, TIME},
};

static void put_value(FILE *out, const struct column *c, uint64_t n) {
    fprintf(out, "<td data-n=\"%" PRIu64 "\">", n);
    if (n == 0) {
        fputs("-", out);
    } else {
        fputs((c->unit == BYTES   ? rg_bytes_text(n)
               : c->unit == COUNT ? rg_count_text(n)
                                  : rg_ns_text(n))
                  .text,
              out);
    }
    fputs("</td>", out);
}

static void put_row(FILE *out, const struct rg_trace_site *s) {
    fputs("<tr><th scope=\"row\">", out);
    rg_trace_html_put_site(out, s->name);
    fputs("</th>", out);
    for (size_t i = 0; i < RG_ARRAY_LEN(columns); i++) {
        put_value(out, &columns[i], columns[i].of(&s->figures));
    }
    fputs("</tr>\n", out);
}

static double weight(const struct rg_trace_figures *f, const struct rg_trace_figures *all) {
    double most = 0;
    for (size_t i = 0; i < RG_ARRAY_LEN(columns); i++) {
        const uint64_t whole = columns[i].of(all);
        const double share =
            whole > 0 && columns[i].unit != TIME ? (double)columns[i].of(f) / (double)whole : 0;
        most = share > most ? share : most;
    }
    return most;
}

// So many weigh as much as this, or a little fewer.
static double least_weight(const struct rg_trace_page *page) {
    size_t count = page->sites.count;
    double least = 0;
    while (count > SITES_SHOWN) {
        least = least > 0 ? least * 1.25 : 1e-9;
        count = 0;
        for (size_t i = 0; i < page->sites.count; i++) {
            count += weight(&page->sites.sites[i].figures, page->totals) >= least;
        }
    }
    return least;
}

static void put_columns(FILE *out) {
    fputs("<thead><tr><th scope=\"col\">Site</th>", out);
    for (size_t i = 0; i < RG_ARRAY_LEN(columns); i++) {
        fprintf(out, "<th scope=\"col\" title=\"%s\"%s>%s</th>", columns[i].what,
                i == 0 ? " aria-sort=\"descending\"" : "", columns[i].name);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

void rg_trace_html_put_sites(struct rg_trace_page *page) {
    FILE *out = page->out;
    struct rg_trace_sites *s = &page->sites;
    const double least = least_weight(page);
    size_t left_out = 0;
    rg_trace_sites_sort(s, rg_measure_bytes);
    fputs("<section id=\"sites\" aria-labelledby=\"sites-title\">\n<h2 "
          "id=\"sites-title\">Sites</h2>\n<p class=\"what\">The places in your own code that have "
          "allocated. <span class=\"scripted\">A heading sorts by its column; a site is shown "
          "above, among its callers, when it is clicked.</span></p>\n<div class=\"panel "
          "wide\"><table class=\"figures\" id=\"table\">",
          out);
    put_columns(out);
    for (size_t i = 0; i < s->count; i++) {
        const bool is_shown = weight(&s->sites[i].figures, page->totals) >= least;
        left_out += !is_shown;
        if (is_shown) {
            put_row(out, &s->sites[i]);
        }
    }
    fputs("</tbody></table></div>\n<p class=\"scripted\"><button type=\"button\" "
          "id=\"more\"></button></p>\n",
          out);
    if (left_out > 0) {
        fputs("<p class=\"quiet\">", out);
        rg_html_put_count(out, left_out, "site is left out, which is",
                          "sites are left out, which are");
        fprintf(out, " below %.2g\xc2\xa0%% in every column.</p>\n", 100 * least);
    }
    fputs("</section>\n", out);
}
