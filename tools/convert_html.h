// SPDX-License-Identifier: MIT
// The parts of the page that convert --to html writes. Each writes to page->out; errors stay there (ferror).
#ifndef RG_TOOLS_CONVERT_HTML_H
#define RG_TOOLS_CONVERT_HTML_H

#include "convert.h"
#include "html_page.h"
#include "source_text.h"

// Of a large report the first cards have all; those behind them have neither source lines nor pictures, and stacks that
// are plain text, so that a browser opens it soon.
enum { RG_HTML_FULL_CARDS = 1000 };

struct rg_html_finding {
    const struct rg_merged *merged;
    char *kind;
    char *title;
    char *trouble;
};

// The findings of one kind.
struct rg_html_group {
    const struct rg_html_finding *first; // of the findings in order
    size_t count;
    uint64_t occurrences;
};

struct rg_html {
    struct rg_conversion *c;
    FILE *out;
    struct rg_html_finding *findings; // by group, and within it most occurrences first
    size_t count;
    struct rg_html_group *groups; // most occurrences first
    size_t group_count;
    struct rg_sources sources;
    bool is_brief;        // the card that is written is behind the first ones
    bool has_new_sources; // files that were changed after the program ran
    double run_time;      // when the process of that card began
};

// What all findings have in common: totals, what was lost, who wrote the logs, and the table of kinds.
void rg_html_put_head(struct rg_html *page);

// The card of a finding; is_open: unfolded.
void rg_html_put_card(struct rg_html *page, const struct rg_html_finding *f, bool is_open);

// What was done to the block: the access, the realloc, the allocation, each with its source lines and its stack.
void rg_html_put_steps(struct rg_html *page, const struct rg_value *finding);

// The picture of the block's life, where it has one.
void rg_html_put_life(struct rg_html *page, const struct rg_value *finding);

// The frame's source file as people know it, from the source root on. To be freed.
char *rg_html_path(const struct rg_html *page, const struct rg_value *frame);

// Style and script, and what a Content-Security-Policy calls them: "'sha256-...'". Made of html_page.css,
// convert_html.css and convert_html.js when the tool is built.
extern const char rg_html_style[], rg_html_style_hash[];
extern const char rg_html_script[], rg_html_script_hash[];

#endif
