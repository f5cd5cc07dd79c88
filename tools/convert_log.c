// SPDX-License-Identifier: MIT
// See convert_log.h.
#include "convert_log.h"

#include "need.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The guard's own lines have 128 KiB at most.
enum { LINE_CAP = 1024 * 1024 };

struct log {
    const struct rg_log_reader *reader;
    const char *name;
    size_t number; // of the line
    struct rg_document document;
};

static void complain(struct log *log, bool is_note, const char *what) {
    char *text = rg_need_text("%s:%zu: %s", log->name, log->number, what);
    log->reader->complain(log->reader->arg, text, is_note);
    free(text);
}

static void take_document(struct log *log, const struct rg_value *v) {
    const char *what = rg_document_check(v);
    if (what) {
        complain(log, false, what);
    } else {
        log->reader->document(log->reader->arg, v);
    }
}

static void take_line(struct log *log, const char *line, size_t len) {
    const struct rg_value *v = rg_document_read(&log->document, line, len);
    if (!v) {
        char *what = rg_need_text("this is no JSON: %s at byte %zu; the line is left out",
                                  log->document.what, log->document.column);
        complain(log, false, what);
        free(what);
        return;
    }
    // A document that another program has written on one line.
    if (rg_value_at(v, "findings") && !rg_value_at(v, "event")) {
        take_document(log, v);
        return;
    }
    bool is_known = false;
    const char *what = rg_event_check(v, &is_known);
    if (what) {
        complain(log, false, what);
    } else if (is_known) {
        log->reader->event(log->reader->arg, v, line);
    }
}

static bool is_blank(const char *line, size_t len) {
    return strspn(line, " \t\r") == len;
}

// A line that has its newline.
static void take_whole(struct log *log, const char *line, size_t len) {
    static const char mark[] = "\xef\xbb\xbf"; // U+FEFF, which some editors put in front
    if (log->number == 1 && !strncmp(line, mark, 3)) {
        line += 3;
        len -= 3;
    }
    if (!is_blank(line, len)) {
        take_line(log, line, len);
    }
}

// Reads up to and with a newline. What goes beyond the capacity is skipped. Returns how long the line is, without its
// newline; LINE_CAP: it was too long.
static size_t read_line(FILE *file, char *line, bool *ret_is_whole) {
    size_t len = 0;
    int c;
    while ((c = getc_unlocked(file)) != EOF && c != '\n') {
        line[len] = (char)c;
        len += len < LINE_CAP;
    }
    line[len] = 0;
    *ret_is_whole = c == '\n';
    return len;
}

// Of a document the first line is a bracket, as of nothing else that is read here.
static void read_document(struct log *log, FILE *file) {
    char *rest = NULL;
    size_t cap = 0;
    // JSON holds no zero bytes.
    ssize_t len = getdelim(&rest, &cap, 0, file);
    char *text = rg_need_text("{\n%s", len > 0 ? rest : "");
    const struct rg_value *v = rg_document_read(&log->document, text, strlen(text));
    if (v) {
        take_document(log, v);
    } else {
        complain(log, false, "is no whole JSON document; make it anew");
    }
    free(text);
    free(rest);
}

static void read_lines(struct log *log, FILE *file) {
    char *line = rg_need(LINE_CAP + 1);
    bool is_whole = true;
    while (is_whole) {
        size_t len = read_line(file, line, &is_whole);
        log->number++;
        if (log->number == 1 && is_whole && !strcmp(line, "{")) {
            read_document(log, file);
            break;
        }
        if (len == LINE_CAP) {
            complain(log, false,
                     "a line of more than 1 MiB, which no guard writes; it is left out");
        } else if (is_whole) {
            take_whole(log, line, len);
        } else if (len > 0 && !ferror(file)) {
            complain(log, true,
                     "the last line has no end, the log was cut off there; that line is left out");
        }
    }
    free(line);
}

int rg_log_read_lines(const char *path, const struct rg_log_reader *reader) {
    bool is_stdin = !strcmp(path, "-");
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    if (!file) {
        return -errno;
    }
    struct log log = {.reader = reader, .name = is_stdin ? "standard input" : path};
    errno = 0;
    read_lines(&log, file);
    int error = ferror(file) ? -(errno ? errno : EIO) : 0;
    rg_document_done(&log.document);
    if (!is_stdin) {
        fclose(file);
    }
    return error;
}
