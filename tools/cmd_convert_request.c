// SPDX-License-Identifier: MIT
// See cmd_convert_request.h.
#include "cmd_convert_request.h"

#include "convert_log.h"
#include "need.h"

#include "base/compiler.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct rg_format formats[] = {
    {"github", "annotations of a GitHub workflow, at their source lines", rg_convert_github},
    {"html", "one page for a person, with source lines, that needs nothing else", rg_convert_html},
    {"json", "one document for a program, see docs/merged.schema.json", rg_convert_json},
    {"junit", "a test suite for Jenkins and GitLab, a failed test for each", rg_convert_junit},
    {"sarif", "SARIF 2.1.0, for code scanning and editors", rg_convert_sarif},
    {"suppressions", "a file of suppressions that leave these misuses out",
     rg_convert_suppressions},
    {"text", "for a person, as the guard's own report", rg_convert_text},
    {"valgrind-log", "as valgrind's memcheck logs it, for CTest", rg_convert_valgrind_log},
    {"valgrind-xml", "as valgrind's memcheck writes it (protocol 4)", rg_convert_valgrind},
};

void rg_convert_request_print_formats(void) {
    for (size_t i = 0; i < RG_ARRAY_LEN(formats); i++) {
        printf("  %-12s  %s\n", formats[i].name, formats[i].summary);
    }
}

// Says it in one line. Returns false.
static bool refuse(const struct rg_convert_request *r, const char *what, const char *word,
                   const char *remedy) {
    fprintf(stderr, "realloc-guard: %s: %s \"%s\"; %s\n", r->command, what, word, remedy);
    return false;
}

static bool take_format(struct rg_convert_request *r, const char *name) {
    for (size_t i = 0; i < RG_ARRAY_LEN(formats); i++) {
        if (!strcmp(name, formats[i].name)) {
            r->format = &formats[i];
            return true;
        }
    }
    return refuse(r, "unknown format", name, "see its --help");
}

static bool take_order(struct rg_convert_request *r, const char *name) {
    if (strcmp(name, "first") != 0 && strcmp(name, "count") != 0) {
        return refuse(r, "unknown order", name, "--sort takes first or count");
    }
    r->order = *name == 'c' ? RG_MERGE_BY_COUNT : RG_MERGE_BY_FIRST;
    return true;
}

// The value behind the name, "NAME=VALUE" or "NAME" "VALUE", where *i is moved on; "" where it is missing. NULL: the
// word is another option.
static const char *value_of(const char *name, const char *word, const char *next, int *i) {
    size_t len = strlen(name);
    if (strncmp(word, name, len) != 0) {
        return NULL;
    }
    if (word[len] == '=' && len > 2) {
        return word + len + 1;
    }
    if (word[len]) {
        return NULL;
    }
    *i += next != NULL;
    return next ? next : "";
}

static bool take_option(struct rg_convert_request *r, const char *word, const char *next, int *i) {
    static const char *const names[] = {"--to", "--source-root", "--sort", "--output", "-o"};
    const char *value = NULL;
    size_t which = 0;
    while (which < RG_ARRAY_LEN(names) && !(value = value_of(names[which], word, next, i))) {
        which++;
    }
    if (!value) {
        return refuse(r, "unknown option", word, "see its --help");
    }
    // Without a source root paths stay absolute.
    if (!*value && word[strlen(word) - 1] != '=') {
        return refuse(r, "a value is missing behind", word, "see its --help");
    }
    switch (which) {
    case 0:
        return take_format(r, value);
    case 1:
        r->source_root = value;
        return true;
    case 2:
        return take_order(r, value);
    default:
        r->output = value;
        return true;
    }
}

bool rg_convert_request_parse(struct rg_convert_request *r, int argc, char **argv) {
    bool is_behind_options = false;
    r->files = rg_need((size_t)argc * sizeof *r->files);
    for (int i = 1; i < argc; i++) {
        if (is_behind_options || *argv[i] != '-' || !argv[i][1]) {
            r->files[r->file_count++] = argv[i];
        } else if (!strcmp(argv[i], "--")) {
            is_behind_options = true;
        } else if (!take_option(r, argv[i], argv[i + 1], &i)) {
            return false;
        }
    }
    return true;
}

static void take_event(void *arg, const struct rg_value *event, const char *line) {
    struct rg_conversion *c = arg;
    rg_merge_event(&c->merge, event, line);
    if (c->keeps_runs) {
        rg_runs_event(&c->runs, event);
    }
}

static void take_document(void *arg, const struct rg_value *document) {
    struct rg_conversion *c = arg;
    rg_merge_document(&c->merge, document);
}

static void take_complaint(void *arg, const char *text, bool is_note) {
    struct rg_conversion *c = arg;
    c->cut_logs += is_note;
    c->damaged_lines += !is_note;
    fprintf(stderr, "realloc-guard: %s%s\n", is_note ? "note: " : "", text);
}

static void read_file(const char *path, struct rg_conversion *c) {
    struct rg_log_reader reader = {
        .event = take_event, .document = take_document, .complain = take_complaint, .arg = c};
    int error = rg_log_read_lines(path, &reader);
    rg_merge_end_file(&c->merge);
    rg_runs_end_file(&c->runs);
    if (error == -ENOENT && strpbrk(path, "*?[")) {
        // Processes without a finding write no log, and the shell passes a pattern on that matches nothing.
        fprintf(stderr,
                "realloc-guard: note: there is no log \"%s\": nothing was reported, or it is "
                "another name\n",
                path);
    } else if (error) {
        fprintf(stderr, "realloc-guard: %s: cannot be read (%s); name a log of format=json\n", path,
                strerror(-error));
        c->unread_files++;
    }
}

static void refuse_folder(const char *path, struct rg_conversion *c) {
    fprintf(stderr, "realloc-guard: %s: cannot be read (%s); name a log of format=json\n", path,
            strerror(errno));
    c->unread_files++;
}

static int is_not_hidden(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

// Its regular files, and no folders in it: what else lies there is none of ours.
static void read_folder(const char *path, struct rg_conversion *c) {
    struct dirent **entries = NULL;
    size_t read = 0;
    int count = scandir(path, &entries, is_not_hidden, alphasort);
    if (count < 0) {
        refuse_folder(path, c);
        return;
    }
    for (int i = 0; i < count; i++) {
        struct stat st;
        const char *mark = path[strlen(path) - 1] == '/' ? "" : "/";
        char *file = rg_need_text("%s%s%s", path, mark, entries[i]->d_name);
        if (stat(file, &st) == 0 && S_ISREG(st.st_mode)) {
            read_file(file, c);
            read++;
        }
        free(file);
        free(entries[i]);
    }
    free((void *)entries);
    if (read == 0) {
        fprintf(stderr,
                "realloc-guard: note: there is no log in the folder \"%s\": nothing was reported, "
                "or it is another folder\n",
                path);
    }
}

void rg_convert_request_read(const char *path, struct rg_conversion *c) {
    struct stat st;
    if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        read_folder(path, c);
    } else {
        read_file(path, c);
    }
}

bool rg_convert_request_write(const struct rg_convert_request *r, struct rg_conversion *c,
                              void (*write)(struct rg_conversion *c)) {
    const char *name = r->output ? r->output : "standard output";
    errno = 0;
    FILE *file = r->output ? fopen(r->output, "we") : NULL;
    if (file || !r->output) {
        c->out = file ? file : stdout;
        write(c);
        bool is_written = !fflush(c->out) && !ferror(c->out);
        if (file) {
            is_written = !fclose(file) && is_written;
        }
        if (is_written) {
            return true;
        }
    }
    fprintf(stderr, "realloc-guard: %s: %s cannot be written (%s); make room, or name another\n",
            r->command, name, strerror(errno ? errno : EIO));
    return false;
}

void rg_convert_request_begin(const struct rg_convert_request *r,
                              struct rg_conversion *ret_conversion) {
    *ret_conversion = (struct rg_conversion){
        .source_root = *r->source_root ? rg_plain_path(r->source_root) : rg_need_copy(""),
        .keeps_runs = r->format && r->format->write == rg_convert_html};
}

void rg_convert_request_end(struct rg_conversion *c) {
    rg_merge_done(&c->merge);
    rg_runs_done(&c->runs);
    rg_document_done(&c->document);
    free(c->source_root);
}
