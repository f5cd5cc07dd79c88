// SPDX-License-Identifier: MIT
// See failures_state.h.
#include "failures_state.h"

#include "need.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[] = "realloc-guard failures\t2";

enum { FIELDS_MAX = 9, HASH_DIGITS = 8 };

// Text that is written in one go.
struct text {
    FILE *out;
    char *data;
    size_t len;
};

static struct text *begin(struct text *t) {
    *t = (struct text){0};
    t->out = open_memstream(&t->data, &t->len);
    return t;
}

static void put_field(struct text *t, const char *field) {
    if (!t->out) {
        return;
    }
    fputc('\t', t->out);
    for (; *field; field++) {
        const char *escape = *field == '\t' ? "\\t" : *field == '\n' ? "\\n" : "\\\\";
        bool is_special = *field == '\t' || *field == '\n' || *field == '\\';
        fputs(is_special ? escape : (char[]){*field, 0}, t->out);
    }
}

// FNV-1a of the line up to its hash.
static uint32_t hash_of(const char *line, size_t len) {
    uint32_t hash = 0x811c9dc5;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ (unsigned char)line[i]) * 0x01000193;
    }
    return hash;
}

// Whether the line ends with its hash, which is cut off then.
static bool take_hash(char *line, size_t len) {
    char digits[HASH_DIGITS + 1];
    if (len <= HASH_DIGITS || strlen(line) != len || line[len - HASH_DIGITS - 1] != '\t') {
        return false;
    }
    len -= HASH_DIGITS + 1;
    snprintf(digits, sizeof digits, "%0*" PRIx32, HASH_DIGITS, hash_of(line, len));
    if (strcmp(line + len + 1, digits) != 0) {
        return false;
    }
    line[len] = 0;
    return true;
}

// A line that is cut would spoil the next one.
static int write_text(int fd, const char *text, size_t len) {
    off_t before = lseek(fd, 0, SEEK_END);
    for (size_t done = 0; done < len;) {
        ssize_t n = write(fd, text + done, len - done);
        if (n < 0 && errno != EINTR) {
            int error = -errno;
            return before < 0 || ftruncate(fd, before) == 0 ? error : -errno;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

// Ends each line of the text with its hash, but for the magic. NULL: no memory.
static char *seal(const char *text, size_t *ret_len) {
    char *sealed = NULL;
    FILE *out = open_memstream(&sealed, ret_len);
    for (const char *line = text; out && *line;) {
        size_t len = strcspn(line, "\n");
        if (len == sizeof magic - 1 && !memcmp(line, magic, len)) {
            fprintf(out, "%s\n", magic);
        } else {
            fprintf(out, "%.*s\t%0*" PRIx32 "\n", (int)len, line, HASH_DIGITS, hash_of(line, len));
        }
        line += len + 1;
    }
    return out && fclose(out) == 0 ? sealed : NULL;
}

static size_t count_lines(const char *text) {
    size_t count = 0;
    for (; (text = strchr(text, '\n')); text++) {
        count++;
    }
    return count;
}

// Returns the text, NULL for want of memory.
static char *end(struct text *t) {
    return t->out && fclose(t->out) == 0 ? t->data : NULL;
}

// Appends a text of whole lines.
static int append(struct rg_state *s, const char *text) {
    size_t len = 0;
    char *sealed = text ? seal(text, &len) : NULL;
    int error = sealed ? write_text(s->fd, sealed, len) : -ENOMEM;
    free(sealed);
    return error;
}

static void put_line(struct text *t, const char *line) {
    if (t->out) {
        fputs(line, t->out);
    }
}

static int put_program(struct text *t, const char *path) {
    struct rg_print p;
    int error = rg_print_of(path, &p);
    if (!error && t->out) {
        put_line(t, "program");
        put_field(t, path);
        fprintf(t->out, "\t%" PRIu64 "\t%" PRIx64 "\n", p.size, p.hash);
    }
    return error;
}

static int make_head(struct rg_state *s, const char *const *files, size_t file_count) {
    struct text t = {0};
    int error = 0;
    put_line(begin(&t), magic);
    put_line(&t, "\ncommand");
    for (size_t i = 0; i < s->word_count; i++) {
        put_field(&t, s->words[i]);
    }
    put_line(&t, "\n");
    for (size_t i = 0; i < file_count && !error; i++) {
        error = put_program(&t, files[i]);
    }
    s->head = end(&t);
    return error ? error : s->head ? 0 : -ENOMEM;
}

// The modules of the census, each once. Stacks are sorted, so most of the same module are neighbours.
static void put_modules(struct text *t, const struct rg_census *c) {
    struct rg_site *sites;
    size_t known = 0, count = rg_census_sites(c, 1, &sites);
    const char **paths = rg_need((count + 1) * sizeof *paths);
    for (size_t i = 0; i < count; i++) {
        const char *path = sites[i].frames[0].path;
        size_t at = 0;
        while (at < known && strcmp(paths[at], path) != 0) {
            at++;
        }
        if (at == known) {
            paths[known++] = path;
            // What is no file of its own ("?", one that was deleted) says nothing.
            put_program(t, path);
        }
    }
    free(paths);
}

int rg_state_put_first(struct rg_state *s) {
    const struct rg_first *f = &s->first;
    struct text t = {0};
    if (!begin(&t)->out) {
        return -ENOMEM;
    }
    put_line(&t, s->head);
    put_modules(&t, &s->census);
    fprintf(t.out, "first\t%d\t%.6f\t%d\t%" PRIu64 "\t%" PRIx64, f->status, f->seconds, f->repeats,
            f->output.size, f->output.hash);
    put_field(&t, f->said);
    put_line(&t, "\n");
    for (size_t i = 0; i < f->log.count; i++) {
        put_line(&t, "finding");
        put_field(&t, f->log.findings[i].kind);
        put_field(&t, f->log.findings[i].headline);
        put_line(&t, "\n");
    }
    fprintf(t.out, "longest\t%" PRIu64 "\n", s->census.longest);
    for (size_t i = 0; i < s->census.count; i++) {
        fprintf(t.out, "stack\t%" PRIu64 "\t%s\n", s->census.stacks[i].calls,
                s->census.stacks[i].stack);
    }
    if (fflush(t.out) == 0) {
        fprintf(t.out, "ready\t%zu\n", count_lines(t.data));
    }
    char *text = end(&t);
    int error = ftruncate(s->fd, 0) < 0 ? -errno : 0;
    s->is_emptied = s->is_emptied || !error;
    error = error ? error : append(s, text);
    free(text);
    s->is_ready = error == 0;
    return error;
}

void rg_state_give_up(struct rg_state *s, const char *path) {
    if (!s->is_ready && s->is_emptied) {
        unlink(path);
    }
}

int rg_state_put_case(struct rg_state *s, const char *fails, const struct rg_result *r) {
    struct text t = {0};
    if (!begin(&t)->out) {
        return -ENOMEM;
    }
    put_line(&t, "case");
    put_field(&t, fails);
    fprintf(t.out, "\t%s\t%.6f", rg_outcome_word(r->outcome), r->seconds);
    put_field(&t, r->detail);
    put_field(&t, r->said);
    put_field(&t, r->place);
    put_field(&t, r->report);
    put_line(&t, "\n");
    char *text = end(&t);
    int error = append(s, text);
    free(text);
    return error;
}

const struct rg_result *rg_state_find(const struct rg_state *s, const char *fails) {
    for (size_t i = s->case_count; i-- > 0;) {
        if (!strcmp(s->cases[i].fails, fails)) {
            return &s->cases[i].result;
        }
    }
    return NULL;
}

// Cuts the line into fields, and takes their escapes out.
static size_t split(char *line, char **ret_fields) {
    size_t count = 0;
    for (char *at = line; at && count < FIELDS_MAX;) {
        char *end = strchr(at, '\t');
        if (end) {
            *end++ = 0;
        }
        rg_unescape(at);
        ret_fields[count++] = at;
        at = end;
    }
    return count;
}

static void read_first(struct rg_state *s, char **field) {
    s->first.status = (int)strtol(field[1], NULL, 10);
    s->first.seconds = strtod(field[2], NULL);
    s->first.repeats = *field[3] == '1';
    s->first.output.size = strtoull(field[4], NULL, 10);
    s->first.output.hash = strtoull(field[5], NULL, 16);
    s->first.said = rg_need_copy(field[6]);
}

static void read_finding(struct rg_log *log, char **field) {
    log->findings = rg_need_room(log->findings, log->count, sizeof *log->findings);
    log->findings[log->count++] = (struct rg_log_finding){.kind = rg_need_copy(field[1]),
                                                          .headline = rg_need_copy(field[2]),
                                                          .text = rg_need_copy("")};
}

static void read_case(struct rg_state *s, char **field) {
    for (int outcome = 0; outcome < RG_OUTCOMES; outcome++) {
        if (!strcmp(field[2], rg_outcome_word((enum rg_outcome)outcome))) {
            s->cases = rg_need_room(s->cases, s->case_count, sizeof *s->cases);
            s->cases[s->case_count++] =
                (struct rg_state_case){.fails = rg_need_copy(field[1]),
                                       .result = {.outcome = (enum rg_outcome)outcome,
                                                  .seconds = strtod(field[3], NULL),
                                                  .detail = rg_need_copy(field[4]),
                                                  .said = rg_need_copy(field[5]),
                                                  .place = rg_need_copy(field[6]),
                                                  .report = rg_need_copy(field[7])}};
            return;
        }
    }
}

// Whether the file is what it was. A file that is gone has changed.
static bool is_same_program(char **field) {
    struct rg_print now, then = {strtoull(field[2], NULL, 10), strtoull(field[3], NULL, 16)};
    return rg_print_of(field[1], &now) == 0 && rg_print_equal(now, then);
}

// Compares the fields of a line with the words of the command.
static bool is_same_command(const struct rg_state *s, char *line) {
    char *at = strchr(line, '\t');
    size_t i = 0;
    while (at && i < s->word_count) {
        char *field = at + 1;
        at = strchr(field, '\t');
        if (at) {
            *at = 0;
        }
        rg_unescape(field);
        if (strcmp(field, s->words[i++]) != 0) {
            return false;
        }
    }
    return !at && i == s->word_count;
}

// False: the line is not of this form.
static bool read_fields(struct rg_state *s, char **field, size_t count) {
    if (!strcmp(field[0], "first") && count == 7) {
        read_first(s, field);
    } else if (!strcmp(field[0], "finding") && count == 3) {
        read_finding(&s->first.log, field);
    } else if (!strcmp(field[0], "longest") && count == 2) {
        s->census.longest = strtoull(field[1], NULL, 10);
    } else if (!strcmp(field[0], "ready") && count == 2 && s->first.said) {
        s->is_ready = strtoull(field[1], NULL, 10) == s->line - 1;
        return s->is_ready;
    } else if (!strcmp(field[0], "case") && count == 8) {
        read_case(s, field);
    } else {
        return false;
    }
    return true;
}

static enum rg_state_trouble read_line(struct rg_state *s, char *line, char **ret_detail) {
    char *field[FIELDS_MAX];
    if (!strncmp(line, "stack\t", 6)) {
        return rg_census_add(&s->census, line + 6) ? RG_STATE_DAMAGED : RG_STATE_OK;
    }
    if (!strncmp(line, "command", 7)) {
        return is_same_command(s, line) ? RG_STATE_OK : RG_STATE_COMMAND;
    }
    size_t count = split(line, field);
    if (!strcmp(field[0], "program") && count == 4) {
        if (is_same_program(field)) {
            return RG_STATE_OK;
        }
        *ret_detail = rg_need_copy(field[1]);
        return RG_STATE_PROGRAM;
    }
    return read_fields(s, field, count) ? RG_STATE_OK : RG_STATE_DAMAGED;
}

// Reads all whole lines. *ret_end is where the last of them ends. Of the runs with a failure those are made again whose
// lines are damaged; the rest depends on the others.
static enum rg_state_trouble read_all(struct rg_state *s, FILE *file, off_t *ret_end,
                                      char **ret_detail) {
    enum rg_state_trouble trouble = RG_STATE_OK;
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    s->line = 0;
    while (trouble == RG_STATE_OK && (len = getline(&line, &cap, file)) > 0 &&
           line[len - 1] == '\n') {
        *ret_end += len;
        line[--len] = 0;
        if (++s->line > 1) {
            trouble =
                take_hash(line, (size_t)len) ? read_line(s, line, ret_detail) : RG_STATE_DAMAGED;
        }
        trouble = trouble == RG_STATE_DAMAGED && s->is_ready ? RG_STATE_OK : trouble;
    }
    free(line);
    rg_census_merge(&s->census);
    return trouble;
}

// A file that this tool has made begins with the magic, or is empty.
static bool is_state_file(int fd) {
    struct stat st;
    char start[sizeof magic] = "";
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        return false;
    }
    ssize_t len = pread(fd, start, sizeof magic, 0);
    return len == 0 || (len == sizeof magic && !memcmp(start, magic, sizeof magic - 1) &&
                        start[sizeof magic - 1] == '\n');
}

static enum rg_state_trouble resume(struct rg_state *s, char **ret_detail) {
    off_t end = 0;
    int copy = dup(s->fd);
    FILE *file = copy < 0 ? NULL : fdopen(copy, "r");
    if (!file) {
        return RG_STATE_SYSTEM;
    }
    enum rg_state_trouble trouble = read_all(s, file, &end, ret_detail);
    fclose(file);
    if (!s->is_ready) {
        // Killed during the first run: all of it anew.
        s->first = (struct rg_first){0};
        s->census = (struct rg_census){0};
        end = 0;
    }
    // The first run will empty it.
    s->is_emptied = end == 0;
    if (trouble == RG_STATE_OK && ftruncate(s->fd, end) < 0) {
        return RG_STATE_SYSTEM;
    }
    return trouble;
}

enum rg_state_trouble rg_state_open(struct rg_state *s, const char *path, bool resumes,
                                    bool restarts, const char *const *files, size_t file_count,
                                    char **ret_detail) {
    const int flags = O_RDWR | O_APPEND | O_CLOEXEC;
    enum rg_state_trouble trouble = RG_STATE_OK;
    *ret_detail = NULL;
    s->fd = open(path, flags | O_CREAT | O_EXCL, 0666);
    bool is_new = s->fd >= 0;
    if (!is_new && errno == EEXIST) {
        s->fd = open(path, flags | O_NOCTTY | O_NONBLOCK);
    }
    if (s->fd < 0) {
        trouble = RG_STATE_SYSTEM;
    } else if (!is_state_file(s->fd)) {
        trouble = RG_STATE_FOREIGN;
    } else if (!is_new && !resumes && !restarts) {
        trouble = RG_STATE_EXISTS;
    } else if (flock(s->fd, LOCK_EX | LOCK_NB) < 0) {
        trouble = errno == EWOULDBLOCK ? RG_STATE_BUSY : RG_STATE_SYSTEM;
    } else if (!is_new && !restarts) {
        trouble = resume(s, ret_detail);
    }
    if (trouble == RG_STATE_OK && !s->is_ready) {
        s->is_emptied = s->is_emptied || is_new;
        int error = make_head(s, files, file_count);
        errno = error ? -error : errno;
        trouble = error ? RG_STATE_SYSTEM : trouble;
    }
    if (trouble == RG_STATE_SYSTEM) {
        *ret_detail = rg_need_copy(strerror(errno));
        if (is_new) {
            unlink(path);
        }
    }
    return trouble;
}
