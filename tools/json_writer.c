// SPDX-License-Identifier: MIT
// See json_writer.h.
#include "json_writer.h"

#include "utf8.h"

#include <inttypes.h>

static void put_string(FILE *file, const char *text) {
    fputc('"', file);
    while (*text) {
        size_t bytes = rg_utf8_bytes(text);
        if (bytes == 0) {
            fputs("\xef\xbf\xbd", file); // U+FFFD
            bytes = 1;
        } else if (*text == '"' || *text == '\\') {
            fprintf(file, "\\%c", *text);
        } else if ((unsigned char)*text < ' ' || *text == 0x7f) {
            fprintf(file, "\\u%04x", (unsigned char)*text);
        } else {
            fwrite(text, 1, bytes, file);
        }
        text += bytes;
    }
    fputc('"', file);
}

static void put_newline(struct rg_writer *w) {
    if (!w->is_flat) {
        fprintf(w->file, "\n%*s", 2 * w->depth, "");
    }
}

static void begin(struct rg_writer *w, const char *key) {
    if (w->is_behind) {
        fputc(',', w->file);
    }
    if (w->depth > 0) {
        put_newline(w);
    }
    if (key) {
        put_string(w->file, key);
        fputs(": ", w->file);
    }
    w->is_behind = true;
}

void rg_write_open(struct rg_writer *w, const char *key, char bracket) {
    begin(w, key);
    fputc(bracket, w->file);
    w->depth++;
    w->is_behind = false;
}

void rg_write_close(struct rg_writer *w, char bracket) {
    w->depth--;
    if (w->is_behind) {
        put_newline(w);
    }
    fputc(bracket, w->file);
    w->is_behind = true;
}

void rg_write_text(struct rg_writer *w, const char *key, const char *text) {
    begin(w, key);
    put_string(w->file, text);
}

void rg_write_number(struct rg_writer *w, const char *key, uint64_t number) {
    begin(w, key);
    fprintf(w->file, "%" PRIu64, number);
}

void rg_write_positive(struct rg_writer *w, const char *key, uint64_t number) {
    if (number > 0) {
        rg_write_number(w, key, number);
    }
}

void rg_write_raw(struct rg_writer *w, const char *key, const char *json) {
    begin(w, key);
    fputs(json, w->file);
}

void rg_write_end(struct rg_writer *w) {
    fputc('\n', w->file);
}
