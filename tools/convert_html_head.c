// SPDX-License-Identifier: MIT
// The top of the page, see convert_html.h.
#include "convert_html.h"

#include "convert_facts.h"
#include "convert_fingerprint.h"
#include "html_text.h"
#include "need.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS_SHOWN = 6 };

static void put_verdict(const struct rg_html *page) {
    const struct rg_merge *m = &page->c->merge;
    FILE *out = page->out;
    fprintf(out, "<p class=\"verdict %s\">", m->count > 0 ? "bad" : "good");
    if (m->count == 0) {
        fputs("No misuse was found, in ", out);
        rg_html_put_count(out, m->processes, "process", "processes");
    } else {
        fputs("<strong>", out);
        rg_html_put_count(out, m->count, "distinct misuse", "distinct misuses");
        fputs("</strong>, ", out);
        rg_html_put_count(out, m->occurrences, "occurrence", "occurrences");
        fprintf(out, ", in %" PRIu64 " of ", m->processes_with_findings);
        rg_html_put_count(out, m->processes, "process", "processes");
    }
    fputs(".</p>\n", out);
}

static void put_warning(FILE *out, uint64_t n, const char *one, const char *many) {
    if (n > 0) {
        fputs("<li>", out);
        rg_html_put_count(out, n, one, many);
        fputs("</li>\n", out);
    }
}

// What the reader must know not to take the page for the whole truth.
static void put_warnings(const struct rg_html *page) {
    const struct rg_conversion *c = page->c;
    const struct rg_merge *m = &c->merge;
    FILE *out = page->out;
    if (m->occurrences_not_kept + m->lapsed + m->lost_lines + c->damaged_lines + c->unread_files +
            c->cut_logs ==
        0) {
        return;
    }
    fputs(
        "<section class=\"warnings\" aria-label=\"What is missing\"><h2>Not all is here</h2><ul>\n",
        out);
    put_warning(out, c->unread_files, "file could not be read", "files could not be read");
    put_warning(out, c->damaged_lines, "line of the logs is damaged and was left out",
                "lines of the logs are damaged and were left out");
    put_warning(out, c->cut_logs, "log ends within a line, which was left out",
                "logs end within a line, which was left out");
    put_warning(out, m->lost_lines, "report could not be written by the guard",
                "reports could not be written by the guard");
    put_warning(out, m->occurrences_not_kept, "more occurrence of which the report is missing",
                "more occurrences of which the reports are missing");
    put_warning(out, m->lapsed, "block could not be sealed; uses of it were not seen",
                "blocks could not be sealed; uses of those were not seen");
    fputs("</ul></section>\n", out);
}

static void put_lines(FILE *out, const char *text) {
    while (*text) {
        const char *end = strchrnul(text, '\n');
        char *line = rg_need_part(text, (size_t)(end - text));
        rg_html_put(out, line);
        fputs("\n", out);
        free(line);
        text = *end ? end + 1 : end;
    }
}

static void put_errors(const struct rg_html *page) {
    const struct rg_guard_errors *errors = &page->c->merge.errors;
    FILE *out = page->out;
    if (errors->count == 0) {
        return;
    }
    fputs("<section class=\"warnings\" aria-label=\"Bugs of the guard\"><h2>The guard itself failed"
          "</h2>\n<p>What these processes did after that is not known. Please report it with these "
          "lines.</p>\n",
          out);
    for (size_t i = 0; i < errors->count; i++) {
        char *title = rg_guard_error_title(&errors->items[i]);
        fputs("<p>", out);
        rg_html_put(out, title);
        fputs("</p>\n<pre>", out);
        put_lines(out, errors->items[i].text);
        fputs("</pre>\n", out);
        free(title);
    }
    if (errors->total > errors->count) {
        fprintf(out, "<p>and %" PRIu64 " more</p>\n", errors->total - errors->count);
    }
    fputs("</section>\n", out);
}

// The texts, each with the number of processes where there are several.
static void put_texts(const struct rg_html *page, const char *name, const struct rg_tallies *t,
                      const char *where_empty) {
    FILE *out = page->out;
    if (t->count == 0) {
        return;
    }
    fprintf(out, "<div><dt>%s</dt>", name);
    for (size_t i = 0; i < t->count && i < TEXTS_SHOWN; i++) {
        bool is_empty = !*t->items[i]->text;
        fputs("<dd>", out);
        fputs(is_empty ? where_empty : "<code>", out);
        rg_html_put(out, t->items[i]->text);
        fputs(is_empty ? "" : "</code>", out);
        if (t->count > 1) {
            fputs(" <span class=\"n\">", out);
            rg_html_put_count(out, t->items[i]->count, "process", "processes");
            fputs("</span>", out);
        }
        fputs("</dd>", out);
    }
    if (t->count > TEXTS_SHOWN) {
        fprintf(out, "<dd class=\"quiet\">and %zu more</dd>", t->count - TEXTS_SHOWN);
    }
    fputs("</div>\n", out);
}

static void put_when(const struct rg_html *page) {
    FILE *out = page->out;
    struct rg_time_text first, last;
    if (!rg_time_text(page->c->merge.first_time, "%F %T", &first)) {
        return;
    }
    fprintf(out, "<div><dt>When</dt><dd>%s", first.text);
    if (rg_time_text(page->c->runs.last_time, "%F %T", &last) &&
        strcmp(first.text, last.text) != 0) {
        fprintf(out, " to %s", last.text);
    }
    fputs(" UTC</dd></div>\n", out);
}

static void put_facts(const struct rg_html *page) {
    const struct rg_runs *runs = &page->c->runs;
    fputs("<dl class=\"facts\">\n", page->out);
    put_texts(page, runs->programs.count > 1 ? "Programs" : "Program", &runs->programs, "");
    put_when(page);
    put_texts(page, "Guard", &runs->versions, "");
    put_texts(page, "Options", &runs->options, "all at their defaults");
    fputs("</dl>\n", page->out);
}

static void put_kinds(const struct rg_html *page) {
    FILE *out = page->out;
    if (page->group_count == 0) {
        return;
    }
    fputs("<nav aria-label=\"Kinds of misuse\"><table class=\"kinds\">\n"
          "<thead><tr><th scope=\"col\">Kind</th><th scope=\"col\">Findings</th>"
          "<th scope=\"col\">Occurrences</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < page->group_count; i++) {
        const struct rg_html_group *g = &page->groups[i];
        fprintf(out, "<tr><th scope=\"row\"><a href=\"#group-%zu\">", i + 1);
        rg_html_put(out, g->first->title);
        fprintf(out, "</a></th><td>%zu</td><td>%" PRIu64 "</td></tr>\n", g->count, g->occurrences);
    }
    fputs("</tbody></table></nav>\n", out);
}

static void put_title(const struct rg_html *page) {
    const struct rg_tallies *t = &page->c->runs.programs;
    FILE *out = page->out;
    fputs("<h1>", out);
    for (size_t i = 0; i < t->count && i < 3; i++) {
        fputs(i > 0 ? ", " : "", out);
        rg_html_put(out, rg_base_name(t->items[i]->text));
    }
    fputs(t->count > 3 ? " and more" : "", out);
    fputs(t->count > 0 ? " under realloc_guard" : "Report of realloc_guard", out);
    fputs("</h1>\n", out);
}

void rg_html_put_head(struct rg_html *page) {
    fputs("<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n<header>\n", page->out);
    put_title(page);
    put_verdict(page);
    put_warnings(page);
    put_errors(page);
    fputs("<div class=\"overview\">\n", page->out);
    put_facts(page);
    put_kinds(page);
    fputs("</div>\n</header>\n", page->out);
}
