// SPDX-License-Identifier: MIT
// See failures_outcome.h.
#include "failures_outcome.h"

#include "need.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Bytes of standard error that are looked at.
enum { SAID_CAP = 16 * 1024 };

static const char crash_kind[] = "crash after a failed realloc";
static const char lost_kind[] = "lost block";

// Weights; what is a fault is heavier than the others.
enum { NOTHING, UNKNOWN, SILENT, FAULT };

static const struct {
    const char *word;
    int weight;
} outcomes[RG_OUTCOMES] = {
    [RG_SURVIVED] = {"survived", NOTHING},        [RG_REFUSED] = {"refused", NOTHING},
    [RG_NOT_REACHED] = {"not reached", NOTHING},  [RG_NOT_TRIED] = {"not tried", UNKNOWN},
    [RG_MISUSED] = {"misused memory", FAULT + 3}, [RG_LOST] = {"lost a block", FAULT},
    [RG_CRASHED] = {"crashed", FAULT + 2},        [RG_HUNG] = {"hung", FAULT + 1},
};

const char *rg_outcome_word(enum rg_outcome outcome) {
    return outcomes[outcome].word;
}

bool rg_outcome_is_bad(enum rg_outcome outcome) {
    return outcomes[outcome].weight >= FAULT;
}

int rg_print_of(const char *path, struct rg_print *ret_print) {
    unsigned char block[65536];
    struct rg_print p = {0, 0xcbf29ce484222325}; // FNV-1a
    FILE *file = fopen(path, "re");
    if (!file) {
        return -errno;
    }
    size_t len;
    while ((len = fread(block, 1, sizeof block, file)) > 0) {
        p.size += len;
        for (size_t i = 0; i < len; i++) {
            p.hash = (p.hash ^ block[i]) * 0x100000001b3;
        }
    }
    int error = ferror(file) ? -EIO : 0;
    fclose(file);
    if (!error) {
        *ret_print = p;
    }
    return error;
}

bool rg_print_equal(struct rg_print a, struct rg_print b) {
    return a.size == b.size && a.hash == b.hash;
}

char *rg_status_text(int status) {
    if (!WIFSIGNALED(status)) {
        return rg_need_text("exit status %d", WEXITSTATUS(status));
    }
    const char *name = sigabbrev_np(WTERMSIG(status));
    return name ? rg_need_text("SIG%s", name) : rg_need_text("signal %d", WTERMSIG(status));
}

static const char as_before[] = " as before, other output";

bool rg_result_is_silent(const struct rg_result *result) {
    return result->outcome == RG_REFUSED && !*result->said && strstr(result->detail, as_before);
}

int rg_result_weight(const struct rg_result *result) {
    return rg_result_is_silent(result) ? SILENT : outcomes[result->outcome].weight;
}

static int read_output(const struct rg_attempt *a, struct rg_print *ret_print) {
    char *path = rg_need_text("%s/stdout", a->folder);
    int error = rg_print_of(path, ret_print);
    free(path);
    return error;
}

// The beginning of standard error; zero bytes end it.
static char *read_said(const struct rg_attempt *a) {
    char *text = rg_need(SAID_CAP + 1);
    char *path = rg_need_text("%s/stderr", a->folder);
    FILE *file = fopen(path, "re");
    free(path);
    if (file) {
        size_t len = fread(text, 1, SAID_CAP, file);
        text[len] = 0;
        fclose(file);
    }
    return text;
}

// A full disk cuts logs and output, and what happened cannot be told.
static int check_room(const struct rg_attempt *a) {
    static const char block[4096];
    char *path = rg_need_text("%s/room", a->folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    int error = fd < 0 ? -errno : 0;
    // One that is cut short does not say why.
    for (size_t done = 0; !error && done < sizeof block;) {
        ssize_t len = write(fd, block + done, sizeof block - done);
        error = len < 0 ? -errno : 0;
        done += len > 0 ? (size_t)len : 0;
    }
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    free(path);
    return error;
}

int rg_first_read(const struct rg_attempt *a, struct rg_first *ret_first) {
    struct rg_first f = {.status = a->status, .seconds = a->seconds};
    int error = check_room(a);
    error = error ? error : read_output(a, &f.output);
    error = error ? error : rg_log_read(a->folder, &f.log);
    if (!error) {
        f.said = read_said(a);
        *ret_first = f;
    }
    return error;
}

size_t rg_whole_characters(const char *text, size_t len) {
    while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) {
        len--;
    }
    return len;
}

static bool has_line(const char *text, const char *line, size_t len) {
    for (const char *at = text; *at; at += at[0] == '\n') {
        size_t n = strcspn(at, "\n");
        if (n == len && !memcmp(at, line, len)) {
            return true;
        }
        at += n;
    }
    return false;
}

char *rg_first_line(const char *said, const char *before) {
    for (const char *at = said; *at; at += at[0] == '\n') {
        size_t len = strcspn(at, "\n");
        if (len > 0 && !has_line(before, at, len)) {
            char *line = rg_need_part(at, rg_whole_characters(at, len < 200 ? len : 200));
            for (char *c = line; *c; c++) {
                *c = iscntrl((unsigned char)*c) ? ' ' : *c;
            }
            return line;
        }
        at += len;
    }
    return rg_need_copy("");
}

// The line about the failure, and the new findings.
static char *put_report(const struct rg_log *log, const struct rg_log *known) {
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    if (!out) {
        return rg_need_copy("");
    }
    if (log->failed) {
        fprintf(out, "%s\n", log->failed);
    }
    for (size_t i = 0; i < log->count; i++) {
        const struct rg_log_finding *f = &log->findings[i];
        if (!rg_log_has_headline(known, f->headline)) {
            size_t n = strlen(f->text);
            fprintf(out, "%s%s", f->text, n > 0 && f->text[n - 1] == '\n' ? "" : "\n");
        }
    }
    return fclose(out) == 0 ? text : rg_need_copy("");
}

static bool ended_alike(const struct rg_first *first, const struct rg_attempt *a) {
    return first->status == a->status;
}

static bool wrote_alike(const struct rg_first *first, struct rg_print output) {
    return !first->repeats || rg_print_equal(first->output, output);
}

// How a program that was not killed went on, beside what else is to be said of it.
static char *how_it_ended(const struct rg_first *first, const struct rg_attempt *a,
                          struct rg_print output, const char *said) {
    char *status = rg_status_text(a->status);
    if (!ended_alike(first, a)) {
        return status;
    }
    if (!wrote_alike(first, output)) {
        return rg_need_text("%s%s%s", status, as_before, *said ? "" : ", no message");
    }
    return rg_need_copy("goes on as before");
}

static enum rg_outcome choose(const struct rg_first *first, const struct rg_attempt *a,
                              const struct rg_log *log, struct rg_print output) {
    if (a->end != RG_END_ITSELF) {
        return RG_HUNG;
    }
    if (WIFSIGNALED(a->status) || rg_log_find_new(log, &first->log, crash_kind)) {
        return RG_CRASHED;
    }
    if (rg_log_find_new(log, &first->log, lost_kind)) {
        return RG_LOST;
    }
    if (rg_log_find_new(log, &first->log, NULL)) {
        return RG_MISUSED;
    }
    if (!log->failed) {
        return RG_NOT_REACHED;
    }
    return ended_alike(first, a) && wrote_alike(first, output) ? RG_SURVIVED : RG_REFUSED;
}

static char *describe(const struct rg_first *first, const struct rg_attempt *a,
                      const struct rg_log *log, struct rg_print output, const struct rg_result *r) {
    switch (r->outcome) {
    case RG_HUNG:
        return a->end == RG_END_OUTPUT ? rg_need_text("killed, it wrote without end")
                                       : rg_need_text("killed after %.3g s", a->seconds);
    case RG_CRASHED: {
        char *status = rg_status_text(a->status);
        return WIFSIGNALED(a->status) ? status : rg_need_text("a child; %s", status);
    }
    case RG_MISUSED:
        return rg_need_text("%s; %s", rg_log_find_new(log, &first->log, NULL)->kind,
                            how_it_ended(first, a, output, r->said));
    case RG_LOST:
    case RG_REFUSED:
        return how_it_ended(first, a, output, r->said);
    default:
        return rg_need_copy("");
    }
}

int rg_outcome_judge(const struct rg_first *first, const struct rg_attempt *a,
                     struct rg_result *ret_result) {
    struct rg_log log = {0};
    struct rg_print output = {0};
    int error = check_room(a);
    error = error ? error : read_output(a, &output);
    error = error ? error : rg_log_read(a->folder, &log);
    if (error) {
        return error;
    }
    struct rg_result r = {.outcome = choose(first, a, &log, output), .seconds = a->seconds};
    char *said = read_said(a);
    r.said = rg_first_line(said, first->said);
    free(said);
    r.detail = describe(first, a, &log, output, &r);
    r.place = rg_need_copy(log.place ? log.place : "");
    r.report = put_report(&log, &first->log);
    *ret_result = r;
    return 0;
}
