// SPDX-License-Identifier: MIT
// See html_page.h.
#include "html_page.h"

#include <inttypes.h>

void rg_html_page_open(FILE *out, const struct rg_html_assets *a) {
    fprintf(out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            "style-src %s; script-src %s; base-uri 'none'; form-action 'none'\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"color-scheme\" content=\"light dark\">\n"
            "<meta name=\"referrer\" content=\"no-referrer\">\n"
            "<meta name=\"generator\" content=\"realloc-guard " RG_VERSION "\">\n<title>",
            a->style_hash, a->script_hash);
}

void rg_html_page_body(FILE *out, const struct rg_html_assets *a) {
    fprintf(out, " - realloc_guard</title>\n<style>%s</style>\n</head>\n<body>\n", a->style);
}

void rg_html_page_close(FILE *out, const struct rg_html_assets *a) {
    fprintf(out, "<script>%s</script>\n</body>\n</html>\n", a->script);
}

void rg_html_put_number(FILE *out, uint64_t n) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
    for (int i = 0; i < len; i++) {
        fputs(i > 0 && (len - i) % 3 == 0 ? "," : "", out);
        fputc(digits[i], out);
    }
}

void rg_html_put_count(FILE *out, uint64_t n, const char *noun, const char *plural) {
    rg_html_put_number(out, n);
    fprintf(out, " %s", n == 1 ? noun : plural);
}

void rg_html_put_bytes(FILE *out, uint64_t n) {
    rg_html_put_count(out, n, "byte", "bytes");
}
