// SPDX-License-Identifier: MIT
// The frame of the pages that realloc-guard writes. They need nothing but themselves: the policy lets nothing be loaded, and
// nothing run but the one script. Errors stay in the stream (ferror).
#ifndef RG_TOOLS_HTML_PAGE_H
#define RG_TOOLS_HTML_PAGE_H

#include <stdint.h>
#include <stdio.h>

// Style and script, and what a Content-Security-Policy calls them: "'sha256-...'". tools/embed_text.py makes them.
struct rg_html_assets {
    const char *style, *style_hash;
    const char *script, *script_hash;
};

// Up to where the title's text is to be written.
void rg_html_page_open(FILE *out, const struct rg_html_assets *a);

// Behind the title's text, up to the content of the body.
void rg_html_page_body(FILE *out, const struct rg_html_assets *a);

// Behind the content.
void rg_html_page_close(FILE *out, const struct rg_html_assets *a);

// "1,234".
void rg_html_put_number(FILE *out, uint64_t n);

// "1 byte", "1,234 bytes".
void rg_html_put_bytes(FILE *out, uint64_t n);

// "1 finding", "1,234 findings".
void rg_html_put_count(FILE *out, uint64_t n, const char *noun, const char *plural);

#endif
