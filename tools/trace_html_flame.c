// SPDX-License-Identifier: MIT
// The flame graph, see trace_html.h: the script draws it from the data; without it there is a table of the largest.
#include "trace_html.h"

#include "html_text.h"
#include "trace_html_tree.h"
#include "trace_text.h"

#include <inttypes.h>

enum { ROWS_CAP = 120, INDENT_CAP = 12 };

static const double ROW_SHARE = 0.01;

static void put_values(FILE *out, const uint64_t values[RG_TRACE_MEASURES]) {
    for (int i = 0; i < RG_TRACE_MEASURES; i++) {
        fprintf(out, ",%" PRIu64, values[i]);
    }
}

// Of each node its depth, its function and its values, parents first.
static void put_nodes(FILE *out, const struct rg_trace_tree *t) {
    fputs("\"nodes\":[0,0", out);
    put_values(out, t->root->values);
    for (const struct rg_trace_node *n = t->root; n; n = rg_trace_tree_next(t, n)) {
        uint64_t rest[RG_TRACE_MEASURES];
        if (n->parent) {
            fprintf(out, ",\n%" PRIu32 ",%" PRIu32, n->depth, n->function);
            put_values(out, n->values);
        }
        if (rg_trace_tree_rest(t, n, rest)) {
            fprintf(out, ",\n%" PRIu32 ",0", n->depth + 1);
            put_values(out, rest);
        }
    }
    fputs("]", out);
}

static void put_functions(FILE *out, const struct rg_trace_tree *t) {
    fputs("\"functions\":[[\"(other)\",\"\",0]", out);
    for (uint32_t i = 0; i < t->function_count; i++) {
        fputs(",\n[", out);
        rg_html_put_json(out, t->functions[i].name->function);
        fputs(",", out);
        rg_html_put_json(out, t->functions[i].name->module);
        fprintf(out, ",%d]", t->functions[i].name->is_own);
    }
    fputs("],\n", out);
}

static void put_row(FILE *out, const struct rg_trace_tree *t, const struct rg_trace_node *n) {
    fputs("<tr><th scope=\"row\">", out);
    for (uint32_t i = 1; i < n->depth && i < INDENT_CAP; i++) {
        fputs("\xc2\xb7 ", out);
    }
    fputs("<code>", out);
    rg_html_put(out, n->name->function);
    fputs("</code></th><td>", out);
    fputs(rg_share_text(n->values[RG_TRACE_BYTES], t->root->values[RG_TRACE_BYTES]).text, out);
    fputs("</td><td>", out);
    fputs(rg_bytes_text(n->values[RG_TRACE_BYTES]).text, out);
    fputs("</td><td>", out);
    rg_html_put_number(out, n->values[RG_TRACE_CALLS]);
    fputs("</td><td>", out);
    fputs(rg_bytes_text(n->values[RG_TRACE_AT_PEAK]).text, out);
    fputs("</td><td>", out);
    fputs(rg_bytes_text(n->values[RG_TRACE_LIVE]).text, out);
    fputs("</td></tr>\n", out);
}

static void put_table(FILE *out, const struct rg_trace_tree *t) {
    size_t rows = 0;
    fputs("<noscript><p>A flame graph is drawn here by the script of this page, which did not "
          "run. The same as a table, callers first, of what is 1\xc2\xa0% and more:</p>\n"
          "<div class=\"wide\"><table class=\"figures\"><thead><tr><th scope=\"col\">Function</th>"
          "<th scope=\"col\">Share</th><th scope=\"col\">Allocated</th><th scope=\"col\">Calls</th>"
          "<th scope=\"col\">At the peak</th><th scope=\"col\">At the end</th></tr></thead>\n"
          "<tbody>\n",
          out);
    for (const struct rg_trace_node *n = rg_trace_tree_next(t, t->root); n && rows < ROWS_CAP;
         n = rg_trace_tree_next(t, n)) {
        if (n->share >= ROW_SHARE) {
            put_row(out, t, n);
            rows++;
        }
    }
    fputs("</tbody></table></div></noscript>\n", out);
}

void rg_trace_html_put_flame(struct rg_trace_page *page) {
    FILE *out = page->out;
    struct rg_trace_tree t;
    rg_trace_tree_make(&t, page->reader, page->names, page->model);
    fputs(
        "<section id=\"callers\" aria-labelledby=\"callers-title\">\n<h2 id=\"callers-title\">Who "
        "allocates</h2>\n<p class=\"what\">Each bar is a function, below the one that has called "
        "it; the wider, the more was allocated by it and what it calls. "
        "Functions of the C library and the like are grey.</p>\n"
        "<form class=\"scripted\" aria-label=\"Flame graph\">\n"
        "<label>Width <select id=\"measure\"><option value=\"0\">bytes allocated</option>"
        "<option value=\"1\">calls</option><option value=\"2\">bytes live at the peak</option>"
        "<option value=\"3\">bytes live at the end</option><option value=\"4\">temporary "
        "blocks</option></select></label>\n"
        "<label>Find <input type=\"search\" id=\"find\" placeholder=\"function ...\"></label>\n"
        "<button type=\"button\" id=\"out\" hidden>Zoom out</button>\n"
        "<output id=\"found\"></output>\n</form>\n"
        "<div id=\"flame\" class=\"scripted\" role=\"group\" aria-label=\"Flame graph; arrow keys "
        "move, Enter zooms, Escape zooms out\"></div>\n"
        "<p id=\"node\" class=\"scripted\" role=\"status\"></p>\n",
        out);
    put_table(out, &t);
    fputs("</section>\n<script type=\"application/json\" id=\"data\">{", out);
    rg_trace_html_put_chart_data(page);
    fputs(",\n", out);
    put_functions(out, &t);
    put_nodes(out, &t);
    fputs("}</script>\n", out);
    rg_trace_tree_done(&t);
}
