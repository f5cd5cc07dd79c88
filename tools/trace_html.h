// SPDX-License-Identifier: MIT
// The parts of the page that realloc-guard trace html writes. Each writes to page->out; errors stay there (ferror). Nothing of
// a trace gets there but by html_text.h. The page stays small however long the trace is: what is left out is told.
#ifndef RG_TOOLS_TRACE_HTML_H
#define RG_TOOLS_TRACE_HTML_H

#include "html_page.h"
#include "trace_html_line.h"
#include "trace_model.h"
#include "trace_names.h"
#include "trace_realloc.h"
#include "trace_sites.h"

enum { RG_TRACE_LIFETIMES = 9 };

// Of the blocks that were freed, by how long they lived: below 1 us, below 10 us, and so on; the last one has no end.
struct rg_trace_lifetimes {
    uint64_t blocks[RG_TRACE_LIFETIMES], bytes[RG_TRACE_LIFETIMES];
};

struct rg_trace_page {
    FILE *out;
    struct rg_trace_reader *reader;
    const struct rg_trace_info *info;
    struct rg_trace_names *names;
    struct rg_trace_model *model;
    const struct rg_trace_figures *totals;
    struct rg_trace_reallocs *reallocs;
    struct rg_trace_line line;
    struct rg_trace_lifetimes lifetimes;
    struct rg_trace_sites sites;
};

// The whole page, of a trace that is open. False: memory is short.
bool rg_trace_html_write(struct rg_trace_reader *reader, FILE *out);

// When it was at its peak, from the start on.
uint64_t rg_trace_html_peak_ns(const struct rg_trace_page *page);

// Its name without its folder.
const char *rg_trace_html_program(const struct rg_trace_page *page);

void rg_trace_html_add_lifetime(struct rg_trace_lifetimes *l, uint64_t ns, uint64_t size);

// What the trace is of, what is missing, totals, and what stands out.
void rg_trace_html_put_head(struct rg_trace_page *page);

// Live bytes and blocks over time; and the same as data for the script.
void rg_trace_html_put_chart(struct rg_trace_page *page);
void rg_trace_html_put_chart_data(struct rg_trace_page *page);

// The sites that held what was live at the peak.
void rg_trace_html_put_peak(struct rg_trace_page *page);

// The flame graph: a place for it, and its data.
void rg_trace_html_put_flame(struct rg_trace_page *page);

// The table of sites.
void rg_trace_html_put_sites(struct rg_trace_page *page);

// The sites whose blocks grow by realloc.
void rg_trace_html_put_growth(struct rg_trace_page *page);

void rg_trace_html_put_lifetimes(struct rg_trace_page *page);

// Made of html_page.css and of trace_html*.css and .js when the tool is built.
extern const char rg_trace_html_style[], rg_trace_html_style_hash[];
extern const char rg_trace_html_script[], rg_trace_html_script_hash[];

#endif
