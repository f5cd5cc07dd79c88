// SPDX-License-Identifier: MIT
// realloc-guard convert: logs of format=json, of many processes, into other formats.
#include "command.h"
#include "convert.h"
#include "convert_log.h"
#include "need.h"

#include "base/compiler.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_DAMAGED = 1, EXIT_USAGE = 2 };

static const struct format {
    const char *name;
    const char *summary;
    void (*write)(struct rg_conversion *c);
} formats[] = {
    {"github", "annotations of a GitHub workflow, at their source lines", rg_convert_github},
    {"json", "one document for a program, see docs/merged.schema.json", rg_convert_json},
    {"junit", "a test suite for Jenkins and GitLab, a failed test for each", rg_convert_junit},
    {"sarif", "SARIF 2.1.0, for code scanning and editors", rg_convert_sarif},
    {"text", "for a person, as the guard's own report", rg_convert_text},
    {"valgrind-xml", "as valgrind's memcheck writes it (protocol 4)", rg_convert_valgrind},
};

struct request {
    const struct format *format;
    const char *source_root;
    const char *output; // NULL: standard output
    enum rg_merge_order order;
    char **files;
    int file_count;
};

static void print_usage(void) {
    puts("Usage: realloc-guard convert --to=FORMAT [OPTION]... FILE...\n\n"
         "Puts together what processes have logged with the option format=json, each distinct\n"
         "misuse once, and writes it in another format. A FILE may hold the lines of many\n"
         "processes; - is standard input.\n\n"
         "Formats:");
    for (size_t i = 0; i < RG_ARRAY_LEN(formats); i++) {
        printf("  %-12s  %s\n", formats[i].name, formats[i].summary);
    }
    puts(
        "\nOptions:\n"
        "  --source-root=DIR  the folder that paths of source files are made relative to, but for\n"
        "                     text; by default the working directory, and none if it is empty\n"
        "  --sort=ORDER       first: in the order in which the misuses were met (the default);\n"
        "                     count: the most frequent first\n"
        "  -o FILE            write into FILE rather than to standard output\n"
        "  --help             this text\n\n"
        "The exit status is 0, also where there are misuses; 1 where a line or file could not be\n"
        "read, and the rest was converted; 2 where nothing was.");
}

// Says it in one line. Returns false.
static bool refuse(const char *what, const char *word, const char *remedy) {
    fprintf(stderr, "realloc-guard: convert: %s \"%s\"; %s\n", what, word, remedy);
    return false;
}

static bool take_format(struct request *r, const char *name) {
    for (size_t i = 0; i < RG_ARRAY_LEN(formats); i++) {
        if (!strcmp(name, formats[i].name)) {
            r->format = &formats[i];
            return true;
        }
    }
    return refuse("unknown format", name, "see realloc-guard convert --help");
}

static bool take_order(struct request *r, const char *name) {
    if (strcmp(name, "first") != 0 && strcmp(name, "count") != 0) {
        return refuse("unknown order", name, "--sort takes first or count");
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

static bool take_option(struct request *r, const char *word, const char *next, int *i) {
    static const char *const names[] = {"--to", "--source-root", "--sort", "--output", "-o"};
    const char *value = NULL;
    size_t which = 0;
    while (which < RG_ARRAY_LEN(names) && !(value = value_of(names[which], word, next, i))) {
        which++;
    }
    if (!value) {
        return refuse("unknown option", word, "see realloc-guard convert --help");
    }
    // Without a source root paths stay absolute.
    if (!*value && word[strlen(word) - 1] != '=') {
        return refuse("a value is missing behind", word, "see realloc-guard convert --help");
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

static bool parse(struct request *r, int argc, char **argv) {
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
    if (!r->format) {
        fputs("realloc-guard: convert: to what is not said; add --to=FORMAT, see --help\n", stderr);
        return false;
    }
    if (r->file_count == 0) {
        fputs("realloc-guard: convert: no file is given; name the logs, or - for standard input\n",
              stderr);
        return false;
    }
    return true;
}

static void take_event(void *arg, const struct rg_value *event, const char *line) {
    struct rg_conversion *c = arg;
    rg_merge_event(&c->merge, event, line);
}

static void take_complaint(void *arg, const char *text, bool is_note) {
    struct rg_conversion *c = arg;
    c->cut_logs += is_note;
    c->damaged_lines += !is_note;
    fprintf(stderr, "realloc-guard: %s%s\n", is_note ? "note: " : "", text);
}

// Returns whether all could be read.
static bool read_files(struct rg_conversion *c, const struct request *r) {
    struct rg_log_reader reader = {.event = take_event, .complain = take_complaint, .arg = c};
    for (int i = 0; i < r->file_count; i++) {
        int error = rg_log_read_lines(r->files[i], &reader);
        rg_merge_end_file(&c->merge);
        if (error) {
            fprintf(stderr, "realloc-guard: %s: cannot be read (%s); the others are converted\n",
                    r->files[i], strerror(-error));
            c->unread_files++;
        }
    }
    return c->unread_files == 0 && c->damaged_lines == 0;
}

static bool write_output(struct rg_conversion *c, const struct request *r) {
    const char *name = r->output ? r->output : "standard output";
    errno = 0;
    FILE *file = r->output ? fopen(r->output, "we") : NULL;
    if (file || !r->output) {
        c->out = file ? file : stdout;
        r->format->write(c);
        bool is_written = !fflush(c->out) && !ferror(c->out);
        if (file) {
            is_written = !fclose(file) && is_written;
        }
        if (is_written) {
            return true;
        }
    }
    fprintf(stderr,
            "realloc-guard: convert: %s cannot be written (%s); make room, or name another\n", name,
            strerror(errno ? errno : EIO));
    return false;
}

const struct rg_value *rg_conversion_read(struct rg_conversion *c, const struct rg_merged *f) {
    return rg_document_read(&c->document, f->line, strlen(f->line));
}

int rg_cmd_convert(int argc, char **argv) {
    struct request r = {.source_root = "."};
    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
        print_usage();
        return 0;
    }
    if (!parse(&r, argc, argv)) {
        free(r.files);
        return EXIT_USAGE;
    }
    char *root = *r.source_root ? rg_plain_path(r.source_root) : rg_need_copy("");
    struct rg_conversion c = {.source_root = root};
    bool is_whole = read_files(&c, &r);
    rg_merge_sort(&c.merge, r.order);
    bool is_written = write_output(&c, &r);
    rg_merge_done(&c.merge);
    rg_document_done(&c.document);
    free(root);
    free(r.files);
    return !is_written ? EXIT_USAGE : is_whole ? 0 : EXIT_DAMAGED;
}
