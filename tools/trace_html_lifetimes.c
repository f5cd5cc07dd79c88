// SPDX-License-Identifier: MIT
// How long blocks lived, see trace_html.h.
#include "trace_html.h"

#include "trace_html_text.h"
#include "trace_text.h"

void rg_trace_html_add_lifetime(struct rg_trace_lifetimes *l, uint64_t ns, uint64_t size) {
    int i = 0;
    for (uint64_t end = 1000; i + 1 < RG_TRACE_LIFETIMES && ns >= end; end *= 10) {
        i++;
    }
    l->blocks[i]++;
    l->bytes[i] += size;
}

static void put_lifetime(FILE *out, const struct rg_trace_page *page, const char *name,
                         uint64_t blocks, uint64_t bytes, uint64_t most) {
    const uint64_t all = page->totals->ended + page->totals->live_blocks;
    fprintf(out, "<tr><th scope=\"row\">%s</th><td class=\"barred\">", name);
    rg_trace_html_put_bar(out, blocks, most);
    fputs("</td><td>", out);
    rg_html_put_number(out, blocks);
    fputs("</td><td>", out);
    fputs(rg_share_text(blocks, all).text, out);
    fputs("</td><td>", out);
    fputs(rg_bytes_text(bytes).text, out);
    fputs("</td></tr>\n", out);
}

void rg_trace_html_put_lifetimes(struct rg_trace_page *page) {
    static const char *const names[RG_TRACE_LIFETIMES] = {
        "below 1\xc2\xa0us",           "1 to 10\xc2\xa0us",
        "10 to 100\xc2\xa0us",         "100\xc2\xa0us to 1\xc2\xa0ms",
        "1 to 10\xc2\xa0ms",           "10 to 100\xc2\xa0ms",
        "100\xc2\xa0ms to 1\xc2\xa0s", "1 to 10\xc2\xa0s",
        "10\xc2\xa0s and more",
    };
    FILE *out = page->out;
    const struct rg_trace_lifetimes *l = &page->lifetimes;
    uint64_t most = page->totals->live_blocks;
    for (int i = 0; i < RG_TRACE_LIFETIMES; i++) {
        most = l->blocks[i] > most ? l->blocks[i] : most;
    }
    fputs(
        "<section id=\"lifetimes\" aria-labelledby=\"lifetimes-title\">\n<h2 "
        "id=\"lifetimes-title\">How long blocks lived</h2>\n<p class=\"what\">From the allocation "
        "to the free; a block that realloc moves is still the same. Each row is ten times as long "
        "as the one above.</p>\n<div class=\"panel wide\"><table class=\"figures\"><thead><tr><th "
        "scope=\"col\">Time</th><td></td><th scope=\"col\">Blocks</th><th "
        "scope=\"col\">Share</th><th scope=\"col\">Bytes</th></tr></thead>\n<tbody>\n",
        out);
    for (int i = 0; i < RG_TRACE_LIFETIMES; i++) {
        put_lifetime(out, page, names[i], l->blocks[i], l->bytes[i], most);
    }
    put_lifetime(out, page, "live at the end", page->totals->live_blocks, page->totals->live_bytes,
                 most);
    fputs("</tbody></table></div>\n</section>\n", out);
}
