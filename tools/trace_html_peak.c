// SPDX-License-Identifier: MIT
// The peak and who held it, see trace_html.h.
#include "trace_html.h"

#include "html_text.h"
#include "trace_html_text.h"
#include "trace_measure.h"
#include "trace_text.h"

#include <string.h>

enum { SITES_SHOWN = 20, STACKS_SHOWN = 5, FRAMES_SHOWN = 64 };

static void put_frame(FILE *out, const struct rg_trace_name *name) {
    fprintf(out, "<li%s><code>", name->is_own ? "" : " class=\"system\"");
    rg_html_put(out, name->function);
    fputs("</code>", out);
    rg_trace_html_put_place(out, name, true);
    fprintf(out, "%s</li>\n", name->is_inlined ? " <em>inlined</em>" : "");
}

static void put_stack(struct rg_trace_page *page, uint32_t id) {
    FILE *out = page->out;
    const struct rg_trace_figures *f = rg_trace_model_of(page->model, id);
    const struct rg_trace_stack stack = rg_trace_reader_stack(page->reader, id);
    size_t shown = 0;
    fputs("<p>", out);
    fputs(rg_bytes_text(f->at_peak_bytes).text, out);
    fputs(" in ", out);
    rg_html_put_count(out, f->at_peak_blocks, "block", "blocks");
    if (stack.count == 0) {
        fputs(", allocated where no stack was recorded.</p>\n", out);
        return;
    }
    fputs(", allocated by</p>\n<ol>\n", out);
    for (size_t i = 0; i < stack.count && shown < FRAMES_SHOWN; i++) {
        const struct rg_trace_frame_names names = rg_trace_names_of(page->names, stack.frames[i]);
        for (size_t k = 0; k < names.count; k++, shown++) {
            put_frame(out, &names.names[k]);
        }
    }
    fputs("</ol>\n", out);
}

static void put_stacks(struct rg_trace_page *page, const struct rg_trace_site *site,
                       const struct rg_trace_sites *stacks) {
    size_t count = 0;
    for (size_t i = 0; i < stacks->count && rg_measure_at_peak(&stacks->sites[i].figures) > 0;
         i++) {
        const bool is_here = !strcmp(stacks->sites[i].label, site->label);
        if (is_here && count < STACKS_SHOWN) {
            put_stack(page, stacks->sites[i].stack);
        }
        count += is_here;
    }
    if (count > STACKS_SHOWN) {
        fputs("<p class=\"quiet\">and from ", page->out);
        rg_html_put_count(page->out, count - STACKS_SHOWN, "more stack", "more stacks");
        fputs(".</p>\n", page->out);
    }
}

static void put_site(struct rg_trace_page *page, const struct rg_trace_site *s,
                     const struct rg_trace_sites *stacks) {
    FILE *out = page->out;
    const uint64_t whole = page->totals->at_peak_bytes;
    fputs("<details class=\"holder\"><summary><span class=\"amount\">", out);
    fputs(rg_bytes_text(rg_measure_at_peak(&s->figures)).text, out);
    fputs("</span><span class=\"share\">", out);
    fputs(rg_share_text(rg_measure_at_peak(&s->figures), whole).text, out);
    fputs("</span>", out);
    rg_trace_html_put_bar(out, rg_measure_at_peak(&s->figures), whole);
    fputs("<span class=\"site\">", out);
    rg_trace_html_put_site(out, s->name);
    fputs("</span></summary>\n<div class=\"stack\">\n", out);
    put_stacks(page, s, stacks);
    fputs("</div></details>\n", out);
}

static void put_head(struct rg_trace_page *page) {
    FILE *out = page->out;
    fputs("<section id=\"peak\" aria-labelledby=\"peak-title\">\n<h2 id=\"peak-title\">The "
          "peak</h2>\n<p class=\"what\">",
          out);
    fputs(rg_bytes_text(page->totals->peak_bytes).text, out);
    fputs(" in ", out);
    rg_html_put_count(out, page->totals->at_peak_blocks, "block", "blocks");
    fputs(", ", out);
    fputs(rg_ns_text(rg_trace_html_peak_ns(page)).text, out);
    fputs(" after the start. Who held it:</p>\n<div class=\"panel\">\n", out);
}

void rg_trace_html_put_peak(struct rg_trace_page *page) {
    FILE *out = page->out;
    struct rg_trace_sites *sites = &page->sites;
    struct rg_trace_sites stacks = rg_trace_sites_make(page->model, page->names, RG_TRACE_BY_STACK);
    uint64_t rest = page->totals->at_peak_bytes;
    size_t count = 0;
    rg_trace_sites_sort(&stacks, rg_measure_at_peak);
    rg_trace_sites_sort(sites, rg_measure_at_peak);
    put_head(page);
    for (; count < sites->count && rg_measure_at_peak(&sites->sites[count].figures) > 0; count++) {
        if (count < SITES_SHOWN) {
            put_site(page, &sites->sites[count], &stacks);
            rest -= rg_measure_at_peak(&sites->sites[count].figures);
        }
    }
    if (count > SITES_SHOWN) {
        fputs("<p class=\"quiet\">and ", out);
        fputs(rg_bytes_text(rest).text, out);
        fputs(" at ", out);
        rg_html_put_count(out, count - SITES_SHOWN, "more site", "more sites");
        fputs(".</p>\n", out);
    }
    fputs("</div>\n</section>\n", out);
    rg_trace_sites_done(&stacks);
}
