// SPDX-License-Identifier: MIT
// What grows by realloc, see trace_html.h: of each call site how, what it costs, and the sizes of one block as stairs. Each
// doubling is a stair of the same height, so steps that are too small are seen as flat ones.
#include "trace_html.h"

#include "html_text.h"
#include "trace_html_text.h"
#include "trace_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { COSTLY_SHOWN = 30, SITES_SHOWN = 12, STAIR = 16, HEIGHT = 56, GAP = 18, LEAST = 3 };

static const double DOUBLING = 12; // its height, where there is room

struct stairs {
    FILE *out;
    double low, high; // logarithms
    double scale;     // height of a doubling
    int x;
};

static size_t first_count(const struct rg_trace_ladder *l) {
    return l->steps < RG_TRACE_LADDER_FIRST ? (size_t)l->steps + 1 : RG_TRACE_LADDER_FIRST;
}

// Of the last ones those that are not among the first.
static size_t last_count(const struct rg_trace_ladder *l) {
    const uint64_t more = l->steps + 1 - first_count(l);
    return more < RG_TRACE_LADDER_LAST ? (size_t)more : RG_TRACE_LADDER_LAST;
}

static const uint64_t *last_sizes(const struct rg_trace_ladder *l) {
    return &l->last[RG_TRACE_LADDER_LAST - last_count(l)];
}

static double height_of(uint64_t size) {
    return log2((double)size + 1);
}

static void widen(struct stairs *s, const uint64_t *sizes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const double n = height_of(sizes[i]);
        s->low = n < s->low ? n : s->low;
        s->high = n > s->high ? n : s->high;
    }
}

static void put_sizes(struct stairs *s, const uint64_t *sizes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const int height = LEAST + (int)((height_of(sizes[i]) - s->low) * s->scale);
        fprintf(s->out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>", s->x,
                HEIGHT - height, STAIR, height);
        rg_html_put_bytes(s->out, sizes[i]);
        fputs("</title></rect>", s->out);
        s->x += STAIR;
    }
}

static void put_ladder(FILE *out, const struct rg_trace_ladder *l) {
    struct stairs s = {.out = out, .low = 64, .high = 0};
    const size_t first = first_count(l), last = last_count(l);
    const bool has_gap = l->steps + 1 > first + last;
    const int width = (int)(first + last) * STAIR + (has_gap ? GAP : 0);
    char *text = rg_trace_ladder_text(l);
    widen(&s, l->first, first);
    widen(&s, last_sizes(l), last);
    s.scale = (HEIGHT - LEAST) / (s.high - s.low + 1e-9);
    s.scale = s.scale > DOUBLING ? DOUBLING : s.scale;
    fprintf(out,
            "<figure class=\"ladder\"><svg role=\"img\" aria-label=\"Sizes of the block that grew "
            "most often\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">",
            width, HEIGHT, width, HEIGHT);
    put_sizes(&s, l->first, first);
    if (has_gap) {
        fprintf(out, "<text x=\"%d\" y=\"%d\">...</text>", s.x + GAP / 2, HEIGHT - 2);
        s.x += GAP;
    }
    put_sizes(&s, last_sizes(l), last);
    fputs("</svg><figcaption>", out);
    rg_html_put(out, text);
    fputs(" <span class=\"quiet\">bytes</span></figcaption></figure>\n", out);
    free(text);
}

static void put_facts(FILE *out, const struct rg_trace_realloc_site *s) {
    fputs("<p class=\"quiet\">", out);
    rg_html_put_count(out, s->calls, "call", "calls");
    fputs(" for ", out);
    rg_html_put_count(out, s->blocks, "block", "blocks");
    fputs("; moved ", out);
    rg_html_put_number(out, s->moved);
    if (s->forced > 0) {
        fputs(", of these ", out);
        rg_html_put_number(out, s->forced);
        fputs(" only because the guard wanted it", out);
    }
    fprintf(out, "; %s copied", rg_bytes_text(s->copied_bytes).text);
    fprintf(out, "; %s at most</p>\n", rg_bytes_text(s->largest).text);
}

static void put_site(FILE *out, const struct rg_trace_realloc_site *s) {
    const bool is_costly = rg_trace_realloc_is_costly(s);
    char *advice = rg_trace_realloc_advice(s);
    fprintf(out, "<article class=\"growth%s\"><h3>", is_costly ? " costly" : "");
    rg_trace_html_put_site(out, s->name);
    fputs(is_costly ? " <em>worth a change</em></h3>\n" : "</h3>\n", out);
    put_facts(out, s);
    fputs("<p>", out);
    rg_html_put(out, advice);
    fputs("</p>\n", out);
    if (s->longest.steps > 1) {
        put_ladder(out, &s->longest);
    }
    fputs("</article>\n", out);
    free(advice);
}

void rg_trace_html_put_growth(struct rg_trace_page *page) {
    FILE *out = page->out;
    size_t count, shown = 0;
    const struct rg_trace_realloc_site *sites =
        rg_trace_reallocs_sites(page->reallocs, page->names, &count);
    fputs("<section id=\"growth\" aria-labelledby=\"growth-title\">\n<h2 id=\"growth-title\">What "
          "grows by realloc</h2>\n<p class=\"what\">",
          out);
    if (count == 0) {
        fputs("Nothing: realloc was never called for a block.</p>\n</section>\n", out);
        return;
    }
    fputs(
        "Call sites of realloc, those worth a change first, then those that copied most. The "
        "stairs "
        "are the sizes of the block that grew most often; each doubling is as high as another, so "
        "flat stairs are steps that are too small.</p>\n<div class=\"panel\">\n",
        out);
    for (int is_costly = 1; is_costly >= 0; is_costly--) {
        for (size_t i = 0; i < count && shown < (is_costly ? COSTLY_SHOWN : SITES_SHOWN); i++) {
            if (rg_trace_realloc_is_costly(&sites[i]) == is_costly) {
                put_site(out, &sites[i]);
                shown++;
            }
        }
    }
    if (count > shown) {
        fputs("<p class=\"quiet\">and ", out);
        rg_html_put_count(out, count - shown, "more site", "more sites");
        fputs("; <code>realloc-guard trace realloc</code> tells of all.</p>\n", out);
    }
    fputs("</div>\n</section>\n", out);
}
