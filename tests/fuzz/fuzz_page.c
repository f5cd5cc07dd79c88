// SPDX-License-Identifier: MIT
// Any bytes as lines of a log of format=json, made a page: what they hold becomes text and nothing else. Each "<" and
// each ">" of the page is one of ours, each element is one that a page has, and there is no control character.
#include "convert.h"
#include "convert_log.h"
#include "json_value.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rg_document line_document;

static void require(bool holds) {
    if (!holds) {
        abort();
    }
}

static bool is_name(const char *name, size_t len) {
    static const char names[] =
        " a article b body button circle code dd details div dl dt figcaption figure footer "
        "form h1 h2 h3 h4 head header html i input label li main mark meta nav ol option output "
        "p path pre q rect script section select span strong style summary svg table tbody td "
        "text th thead title tr ul ";
    char word[16];
    if (len + 3 > sizeof word) {
        return false;
    }
    snprintf(word, sizeof word, " %.*s ", (int)len, name);
    return strstr(names, word) != NULL;
}

// The end of the tag at text, behind its ">". No attribute is without quotes, or holds a quote.
static const char *check_tag(const char *text) {
    const char *name = text + 1 + (text[1] == '/');
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");
    require(is_name(name, len));
    const char *at = name + len;
    while (*at != '>') {
        require(*at == ' ' || *at == '/');
        at += 1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyzB-");
        if (at[0] == '=') {
            require(at[1] == '"');
            at = strchr(at + 2, '"');
            require(at != NULL);
            at++;
        }
    }
    return at + 1;
}

// Style and script are not made of what a log holds.
static const char *behind_raw(const char *text, const char *tag, const char *end) {
    return strncmp(text, tag, strlen(tag)) != 0 ? text : strstr(text, end);
}

static void check_page(const char *page) {
    static const char doctype[] = "<!DOCTYPE html>\n";
    require(!strncmp(page, doctype, sizeof doctype - 1));
    for (const char *at = page + sizeof doctype - 1; *at;) {
        require((unsigned char)*at >= ' ' || *at == '\n' || *at == '\t');
        require(*at != '>' && *at != 0x7f);
        if (*at != '<') {
            at++;
            continue;
        }
        const char *tag = at;
        at = check_tag(behind_raw(behind_raw(tag, "<style>", "</style>"), "<script>", "</script>"));
    }
}

static void take_line(struct rg_conversion *c, const char *line, size_t len) {
    const struct rg_value *v = rg_document_read(&line_document, line, len);
    bool is_known = false;
    if (v && !rg_event_check(v, &is_known) && is_known) {
        char *text = strndup(line, len);
        require(text != NULL);
        rg_merge_event(&c->merge, v, text);
        rg_runs_event(&c->runs, v);
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char root[] = "/nonexistent";
    struct rg_conversion c = {.source_root = root};
    const char *rest = (const char *)data;
    const char *end = rest + size;
    char *page = NULL;
    size_t len = 0;
    while (rest < end) {
        const char *newline = memchr(rest, '\n', (size_t)(end - rest));
        size_t line = newline ? (size_t)(newline - rest) : (size_t)(end - rest);
        take_line(&c, rest, line);
        rest += line + (newline != NULL);
    }
    rg_merge_end_file(&c.merge);
    rg_runs_end_file(&c.runs);
    rg_merge_sort(&c.merge, RG_MERGE_BY_COUNT);
    rg_runs_sort(&c.runs);
    c.out = open_memstream(&page, &len);
    require(c.out != NULL);
    rg_convert_html(&c);
    require(!fclose(c.out) && page && strlen(page) == len);
    check_page(page);
    free(page);
    rg_runs_done(&c.runs);
    rg_merge_done(&c.merge);
    rg_document_done(&c.document);
    return 0;
}
