// SPDX-License-Identifier: MIT
// convert --to html: one page for a person, which needs nothing but itself. It reads without its script, which only
// filters, groups and unfolds; and nothing of what logs hold can become a part of it but text.
#include "convert_html.h"

#include "convert_fingerprint.h"
#include "convert_rules.h"
#include "html_text.h"
#include "need.h"

#include <stdlib.h>
#include <string.h>

enum {
    CARDS_UNFOLDED = 6, // up to so many all are, else the first one
    GROUP_UNFOLDED = 300,
    LARGE = 300,
};

char *rg_html_path(const struct rg_html *page, const struct rg_value *frame) {
    return rg_conversion_path(page->c, rg_value_text(frame, "file"));
}

static void load_findings(struct rg_html *page) {
    const struct rg_merge *m = &page->c->merge;
    page->findings = rg_need(m->count * sizeof *page->findings);
    page->count = m->count;
    for (size_t i = 0; i < m->count; i++) {
        const struct rg_value *v = rg_conversion_read(page->c, m->findings[i]);
        page->findings[i] = (struct rg_html_finding){
            .merged = m->findings[i],
            .kind = rg_need_copy(rg_value_text(v, "kind")),
            .title = rg_need_copy(rg_value_text(v, "title")),
            .trouble = rg_need_copy(rg_value_text(v, "trouble")),
        };
    }
}

// Of what was merged before there are no processes, but the programs of those that met the findings first.
static void take_programs(struct rg_conversion *c) {
    bool is_known = c->runs.programs.count > 0;
    for (size_t i = 0; !is_known && i < c->merge.count; i++) {
        const struct rg_merged *f = c->merge.findings[i];
        if (f->program) {
            rg_runs_program(&c->runs, f->program, f->processes);
        }
    }
    rg_runs_sort(&c->runs);
}

static int by_number(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

static int by_kind(const void *a, const void *b) {
    const struct rg_html_finding *x = a;
    const struct rg_html_finding *y = b;
    int order = strcmp(x->kind, y->kind);
    order = order ? order : by_number(y->merged->occurrences, x->merged->occurrences);
    return order ? order : by_number(x->merged->fingerprint, y->merged->fingerprint);
}

static int by_occurrences(const void *a, const void *b) {
    const struct rg_html_group *x = a;
    const struct rg_html_group *y = b;
    int order = by_number(y->occurrences, x->occurrences);
    return order ? order : strcmp(x->first->kind, y->first->kind);
}

static void make_groups(struct rg_html *page) {
    if (page->count == 0) {
        return;
    }
    qsort(page->findings, page->count, sizeof *page->findings, by_kind);
    for (size_t i = 0; i < page->count; i++) {
        const struct rg_html_finding *f = &page->findings[i];
        if (i == 0 || strcmp(f->kind, f[-1].kind) != 0) {
            page->groups = rg_need_room(page->groups, page->group_count, sizeof *page->groups);
            page->groups[page->group_count++] = (struct rg_html_group){.first = f};
        }
        struct rg_html_group *g = &page->groups[page->group_count - 1];
        g->count++;
        g->occurrences += f->merged->occurrences;
    }
    qsort(page->groups, page->group_count, sizeof *page->groups, by_occurrences);
}

// "app and 2 more".
static void put_programs(const struct rg_html *page) {
    const struct rg_tallies *t = &page->c->runs.programs;
    if (t->count > 0) {
        rg_html_put(page->out, rg_base_name(t->items[0]->text));
    }
    if (t->count > 1) {
        fprintf(page->out, " and %zu more", t->count - 1);
    }
}

static const struct rg_html_assets assets = {rg_html_style, rg_html_style_hash, rg_html_script,
                                             rg_html_script_hash};

static void put_document_head(struct rg_html *page) {
    FILE *out = page->out;
    rg_html_page_open(out, &assets);
    rg_html_put_count(out, page->count, "misuse", "misuses");
    if (page->c->runs.programs.count > 0) {
        fputs(" in ", out);
        put_programs(page);
    }
    rg_html_page_body(out, &assets);
}

// Shown by the script, which it needs.
static void put_filter(const struct rg_html *page) {
    FILE *out = page->out;
    fputs("<form id=\"filter\" role=\"search\" aria-label=\"Filter of the findings\" hidden>\n"
          "<label>Text <input type=\"search\" id=\"text\" placeholder=\"file, function, thread "
          "...\"></label>\n"
          "<label>Kind <select id=\"kind\"><option value=\"\">all</option>",
          out);
    for (size_t i = 0; i < page->group_count; i++) {
        fputs("<option value=\"", out);
        rg_html_put(out, page->groups[i].first->kind);
        fputs("\">", out);
        rg_html_put(out, page->groups[i].first->title);
        fprintf(out, " (%zu)</option>", page->groups[i].count);
    }
    fputs("</select></label>\n"
          "<label>Group by <select id=\"by\"><option value=\"kind\">kind</option>"
          "<option value=\"file\">source file</option></select></label>\n"
          "<span class=\"buttons\"><button type=\"button\" id=\"unfold\">Unfold all</button> "
          "<button type=\"button\" id=\"fold\">Fold all</button></span>\n"
          "<output id=\"shown\"></output>\n</form>\n",
          out);
}

static void put_group(struct rg_html *page, size_t number, size_t *cards) {
    FILE *out = page->out;
    const struct rg_html_group *g = &page->groups[number];
    fprintf(out,
            "<section class=\"group\" id=\"group-%zu\" aria-labelledby=\"title-%zu\">"
            "<details%s>\n<summary><h2 id=\"title-%zu\">",
            number + 1, number + 1, g->count <= GROUP_UNFOLDED ? " open" : "", number + 1);
    rg_html_put(out, g->first->title);
    fputs("</h2> <span class=\"n\">", out);
    rg_html_put_count(out, g->count, "finding", "findings");
    fputs(", ", out);
    rg_html_put_count(out, g->occurrences, "occurrence", "occurrences");
    fputs("</span></summary>\n<p class=\"what\">", out);
    rg_html_put(out, rg_rule_text(g->first->trouble)->what);
    fputs("</p>\n<div class=\"cards\">\n", out);
    for (size_t i = 0; i < g->count; i++) {
        size_t place = (*cards)++;
        page->is_brief = place >= RG_HTML_FULL_CARDS;
        rg_html_put_card(page, &g->first[i], place == 0 || page->count <= CARDS_UNFOLDED);
    }
    fputs("</div>\n</details></section>\n", out);
}

static void put_footer(const struct rg_html *page) {
    FILE *out = page->out;
    fputs("<footer>\n", out);
    if (page->sources.count > page->sources.not_found) {
        fputs("<p>Source lines are shown as they were when this report was made.", out);
        fputs(page->has_new_sources
                  ? " Some of the files were changed after the program ran: their "
                    "lines may have moved."
                  : "",
              out);
        fputs("</p>\n", out);
    }
    if (page->sources.not_found > 0) {
        fputs("<p>", out);
        rg_html_put_count(out, page->sources.not_found, "source file was", "source files were");
        if (*page->c->source_root) {
            fputs(" not found under <code>", out);
            rg_html_put(out, page->c->source_root);
            fputs("</code>; the option <code>--source-root</code> says where they are.</p>\n", out);
        } else {
            fputs(" not looked for: no <code>--source-root</code> was given.</p>\n", out);
        }
    }
    if (page->count > RG_HTML_FULL_CARDS) {
        fprintf(out,
                "<p>There are many findings: source lines and pictures are left out behind the "
                "first %d.</p>\n",
                RG_HTML_FULL_CARDS);
    }
    fputs("<p>Made by realloc-guard " RG_VERSION ".</p>\n</footer>\n", out);
}

void rg_convert_html(struct rg_conversion *c) {
    struct rg_html page = {.c = c, .out = c->out, .sources = {.folder = c->source_root}};
    size_t cards = 0;
    take_programs(c);
    load_findings(&page);
    make_groups(&page);
    put_document_head(&page);
    rg_html_put_head(&page);
    fprintf(page.out, "<main id=\"findings\" tabindex=\"-1\"%s>\n",
            page.count > LARGE ? " class=\"large\"" : "");
    if (page.count > 0) {
        put_filter(&page);
    }
    for (size_t i = 0; i < page.group_count; i++) {
        put_group(&page, i, &cards);
    }
    fputs("</main>\n", page.out);
    put_footer(&page);
    rg_html_page_close(page.out, &assets);
    for (size_t i = 0; i < page.count; i++) {
        free(page.findings[i].kind);
        free(page.findings[i].title);
        free(page.findings[i].trouble);
    }
    rg_sources_done(&page.sources);
    free(page.findings);
    free(page.groups);
}
