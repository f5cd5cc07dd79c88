// SPDX-License-Identifier: MIT
// See failures_log.h.
#include "failures_log.h"

#include "need.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What follows "==PID== " where the line begins so, else NULL.
static const char *behind_pid(const char *line) {
    const char *at = line + 2;
    if (strncmp(line, "==", 2) != 0 || !isdigit((unsigned char)*at)) {
        return NULL;
    }
    at += strspn(at, "0123456789");
    return strncmp(at, "== ", 3) ? NULL : at + 3;
}

// "realloc to SIZE bytes at PLACE fails, as fail_realloc asks"
static void take_failure(struct rg_log *log, const char *line, const char *said, size_t len) {
    static const char end[] = " fails, as fail_realloc asks";
    size_t end_len = sizeof end - 1;
    if (log->failed || len < end_len || strncmp(said + len - end_len, end, end_len) != 0) {
        return;
    }
    char *text = rg_need_part(said, len - end_len);
    const char *at = strstr(text, " at ");
    log->failed = rg_need_part(line, (size_t)(said - line) + len);
    log->place = rg_need_copy(at ? at + 4 : text);
    free(text);
}

// Takes the report that begins at line, up to the next line with a process id. Returns where that is.
static const char *take_finding(struct rg_log *log, const char *line, const char *said) {
    size_t len = strcspn(said, "\n");
    const char *colon = memchr(said, ':', len);
    const char *end = said + len;
    while (*end && !behind_pid(end + 1)) {
        end += 1 + strcspn(end + 1, "\n");
    }
    if (colon) {
        log->findings = rg_need_room(log->findings, log->count, sizeof *log->findings);
        log->findings[log->count++] = (struct rg_log_finding){
            .kind = rg_need_part(said, (size_t)(colon - said)),
            .headline = rg_need_part(said, len),
            .text = rg_need_part(line, (size_t)(end - line)),
        };
    }
    return end;
}

void rg_log_add(struct rg_log *log, const char *text) {
    static const char own[] = "realloc_guard: ";
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n");
        const char *end = line + len;
        const char *said = behind_pid(line);
        if (said && strncmp(said, own, sizeof own - 1) == 0) {
            said += sizeof own - 1;
            take_failure(log, line, said, (size_t)(end - said));
        } else if (said) {
            end = take_finding(log, line, said);
        }
        line = *end ? end + 1 : end;
    }
}

static int read_file(struct rg_log *log, const char *path) {
    FILE *file = fopen(path, "re");
    if (!file) {
        return -errno;
    }
    char *text = NULL;
    size_t cap = 0;
    // Logs hold no zero bytes.
    ssize_t len = getdelim(&text, &cap, 0, file);
    int error = len < 0 && ferror(file) ? -EIO : 0;
    fclose(file);
    if (len > 0) {
        rg_log_add(log, text);
    }
    free(text);
    return error;
}

static int is_log(const struct dirent *entry) {
    return strncmp(entry->d_name, "log.", 4) == 0;
}

int rg_log_read(const char *folder, struct rg_log *ret_log) {
    struct dirent **entries;
    int count = scandir(folder, &entries, is_log, versionsort);
    int error = count < 0 ? -errno : 0;
    *ret_log = (struct rg_log){0};
    for (int i = 0; i < count; i++) {
        char *path = rg_need_text("%s/%s", folder, entries[i]->d_name);
        error = error ? error : read_file(ret_log, path);
        free(path);
        free(entries[i]);
    }
    if (count >= 0) {
        free(entries);
    }
    return error;
}

bool rg_log_has_headline(const struct rg_log *log, const char *headline) {
    for (size_t i = 0; i < log->count; i++) {
        if (!strcmp(log->findings[i].headline, headline)) {
            return true;
        }
    }
    return false;
}

void rg_log_add_findings(struct rg_log *log, const struct rg_log *more) {
    for (size_t i = 0; i < more->count; i++) {
        if (!rg_log_has_headline(log, more->findings[i].headline)) {
            log->findings = rg_need_room(log->findings, log->count, sizeof *log->findings);
            log->findings[log->count++] = more->findings[i];
        }
    }
}

const struct rg_log_finding *rg_log_find_new(const struct rg_log *log, const struct rg_log *known,
                                             const char *kind) {
    for (size_t i = 0; i < log->count; i++) {
        const struct rg_log_finding *f = &log->findings[i];
        if ((!kind || !strcmp(f->kind, kind)) && !rg_log_has_headline(known, f->headline)) {
            return f;
        }
    }
    return NULL;
}
