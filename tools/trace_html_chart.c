// SPDX-License-Identifier: MIT
// Live memory over time as a picture that needs no script, see trace_html.h. Its frame keeps its size and its letters at any
// width: what lies over the plot is placed in per cent, and only the plot itself is stretched.
#include "trace_html.h"

#include "trace_text.h"

#include "base/compiler.h"

#include <inttypes.h>
#include <stdlib.h>

enum { WIDTH = 1000, HEIGHT = 200, TICKS_MOST = 6, ROWS = 4 };

struct chart {
    const struct rg_trace_point *points;
    size_t count;
    double end_ns;
    double bytes_step, blocks_step; // of ROWS rows
};

// The next round number.
static double round_up(double n) {
    static const double steps[] = {1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10};
    double scale = 1;
    for (; n > 10 * scale; scale *= 10) {
    }
    for (size_t i = 0; i < RG_ARRAY_LEN(steps); i++) {
        if (n <= steps[i] * scale) {
            return steps[i] * scale;
        }
    }
    return 10 * scale;
}

static uint64_t value_of(const struct rg_trace_point *p, bool is_blocks) {
    return is_blocks ? p->blocks : p->bytes;
}

static double top_of(const struct chart *c, bool is_blocks) {
    return ROWS * (is_blocks ? c->blocks_step : c->bytes_step);
}

static double x_of(const struct chart *c, uint64_t ns, double width) {
    return (double)ns / c->end_ns * width;
}

// Steps: what is live stays until the next point.
static void put_steps(FILE *out, const struct chart *c, bool is_blocks) {
    double shown_x = 0, shown_y = HEIGHT;
    fprintf(out, "M0 %d", HEIGHT);
    for (size_t i = 0; i < c->count; i++) {
        const double x = x_of(c, c->points[i].ns, WIDTH);
        const double y =
            HEIGHT * (1 - (double)value_of(&c->points[i], is_blocks) / top_of(c, is_blocks));
        if (x - shown_x >= 0.05) {
            fprintf(out, "H%.1f", x);
            shown_x = x;
        }
        if (y - shown_y >= 0.05 || shown_y - y >= 0.05) {
            fprintf(out, "V%.1f", y);
            shown_y = y;
        }
    }
    fprintf(out, "H%d", WIDTH);
}

static void put_rounded(FILE *out, double n, bool is_bytes) {
    static const char *const units[] = {"", "k", "M", "G", "T"};
    size_t i = 0;
    for (; n >= 1000 && i + 1 < RG_ARRAY_LEN(units); i++) {
        n /= 1000;
    }
    fprintf(out, "%g", n);
    if (is_bytes) {
        fprintf(out, "\xc2\xa0%sB", units[i]);
    } else if (i > 0) {
        fprintf(out, "\xc2\xa0%s", units[i]);
    }
}

static void put_rows(FILE *out, const struct chart *c) {
    for (int i = 0; i <= ROWS; i++) {
        const int y = 100 - 100 * i / ROWS;
        fprintf(out,
                "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%d%%\" y2=\"%d%%\"/>"
                "<text class=\"left\" x=\"-8\" y=\"%d%%\" dy=\"4\">",
                y, y, y);
        put_rounded(out, i * c->bytes_step, true);
        fprintf(out, "</text><text class=\"right\" x=\"100%%\" y=\"%d%%\" dx=\"8\" dy=\"4\">", y);
        put_rounded(out, i * c->blocks_step, false);
        fputs("</text>\n", out);
    }
}

static void put_ticks(FILE *out, const struct chart *c) {
    static const double steps[] = {1, 2, 5};
    const double unit = c->end_ns >= 1e9 ? 1e9 : c->end_ns >= 1e6 ? 1e6 : 1e3;
    const char *name = c->end_ns >= 1e9 ? "s" : c->end_ns >= 1e6 ? "ms" : "us";
    double step = 1;
    for (size_t i = 0; c->end_ns / step > TICKS_MOST; i++) {
        double scale = 1;
        for (size_t k = 0; k < i / RG_ARRAY_LEN(steps); k++) {
            scale *= 10;
        }
        step = steps[i % RG_ARRAY_LEN(steps)] * scale;
    }
    fputs("<g class=\"ticks\">\n", out);
    for (int i = 0; i * step <= c->end_ns; i++) {
        const double x = 100 * i * step / c->end_ns;
        fprintf(out,
                "<line class=\"grid\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"100%%\"/>"
                "<text x=\"%.2f%%\" y=\"100%%\" dy=\"18\">%g\xc2\xa0%s</text>\n",
                x, x, x, i * step / unit, name);
    }
    fputs("</g>\n", out);
}

static void put_peak(struct rg_trace_page *page, const struct chart *c) {
    FILE *out = page->out;
    const uint64_t ns = rg_trace_html_peak_ns(page);
    const double x = x_of(c, ns, 100);
    const double y = 100 * (1 - (double)page->totals->peak_bytes / top_of(c, false));
    const char *side = x < 50 ? "after" : "before";
    fprintf(out,
            "<g class=\"peak %s\"><circle cx=\"%.2f%%\" cy=\"%.2f%%\" r=\"4.5\"/>"
            "<text x=\"%.2f%%\" y=\"%.2f%%\" dx=\"%d\" dy=\"4\">peak ",
            side, x, y, x, y, x < 50 ? 10 : -10);
    fputs(rg_bytes_text(page->totals->peak_bytes).text, out);
    fputs("</text></g>\n", out);
}

static void put_label(struct rg_trace_page *page) {
    FILE *out = page->out;
    fputs("Live memory over time: ", out);
    fputs(rg_bytes_text(page->totals->peak_bytes).text, out);
    fputs(" at the peak, after ", out);
    fputs(rg_ns_text(rg_trace_html_peak_ns(page)).text, out);
    fputs("; ", out);
    fputs(rg_bytes_text(page->totals->live_bytes).text, out);
    fputs(" at the end, after ", out);
    fputs(rg_ns_text(page->info->duration_ns).text, out);
}

static void put_picture(struct rg_trace_page *page, const struct chart *c) {
    FILE *out = page->out;
    fputs("<svg id=\"chart\" class=\"chart\" role=\"img\" height=\"250\" aria-label=\"", out);
    put_label(page);
    fputs("\">\n", out);
    put_rows(out, c);
    put_ticks(out, c);
    fprintf(out,
            "<svg class=\"data\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
            "width=\"100%%\" height=\"100%%\">\n<path class=\"area\" d=\"",
            WIDTH, HEIGHT);
    put_steps(out, c, false);
    fprintf(out, "V%dZ\"/>\n<path class=\"count\" d=\"", HEIGHT);
    put_steps(out, c, true);
    fputs("\"/>\n</svg>\n", out);
    put_peak(page, c);
    fputs("</svg>\n", out);
}

static double end_of(const struct rg_trace_page *page, const struct rg_trace_point *last) {
    const uint64_t end = last->ns > page->info->duration_ns ? last->ns : page->info->duration_ns;
    return end > 0 ? (double)end : 1;
}

void rg_trace_html_put_chart(struct rg_trace_page *page) {
    FILE *out = page->out;
    size_t count;
    struct rg_trace_point *points = rg_trace_line_points(&page->line, &count);
    const struct chart c = {
        .points = points,
        .count = count,
        .end_ns = end_of(page, &points[count - 1]),
        .bytes_step = round_up((double)page->totals->peak_bytes / ROWS),
        .blocks_step = round_up((double)page->totals->peak_blocks / ROWS),
    };
    fputs("<section id=\"memory\" aria-labelledby=\"memory-title\">\n"
          "<h2 id=\"memory-title\">Memory over time</h2>\n<p class=\"what\">What was live at each "
          "moment: <span class=\"key bytes\">bytes</span>, by the scale on the left, and <span "
          "class=\"key blocks\">blocks</span>, on the right.</p>\n<figure class=\"panel\">\n",
          out);
    put_picture(page, &c);
    fputs("<figcaption class=\"scripted\"><output id=\"moment\">Point at the picture for exact "
          "figures; drag over it to zoom.</output> <button type=\"button\" id=\"whole\" "
          "hidden>Whole run</button></figcaption>\n</figure>\n</section>\n",
          out);
    free(points);
}

void rg_trace_html_put_chart_data(struct rg_trace_page *page) {
    FILE *out = page->out;
    size_t count;
    struct rg_trace_point *points = rg_trace_line_points(&page->line, &count);
    fprintf(out, "\"chart\":{\"end\":%.0f,\"peak\":[%" PRIu64 ",%" PRIu64 "],\"points\":[",
            end_of(page, &points[count - 1]), rg_trace_html_peak_ns(page),
            page->totals->peak_bytes);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%" PRIu64 ",%" PRIu64 ",%" PRIu64, i > 0 ? "," : "", points[i].ns,
                points[i].bytes, points[i].blocks);
    }
    fputs("]}", out);
    free(points);
}
