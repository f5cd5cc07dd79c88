// SPDX-License-Identifier: MIT
// realloc-guard diff: which misuses are new since another run, which are gone.
#include "cmd_convert_request.h"
#include "command.h"
#include "convert_fingerprint.h"
#include "text_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What the guard's option exitcode is by default.
enum { EXIT_NEW = 86 };

static struct rg_conversion old, now;

static void print_usage(void) {
    puts("Usage: realloc-guard diff [OPTION]... OLD NEW\n\n"
         "Tells which misuses NEW has and OLD has not, and which are gone, by their fingerprints.\n"
         "OLD and NEW are each a log of format=json, a folder of such logs, or what\n"
         "realloc-guard convert --to=json made of many.\n\n"
         "Options:\n"
         "  --to=FORMAT        write those that are new, and nothing else, in a format of convert\n"
         "  --source-root=DIR, --sort=ORDER, -o FILE\n"
         "                     as of convert\n"
         "  --help             this text\n\n"
         "The exit status is 86 where there are new ones, 0 where there are none; 1 where a line "
         "or\n"
         "file could not be read, so that this is not sure; 2 where nothing was done.\n\n"
         "A program of this name is run by: realloc-guard run diff");
}

static const struct rg_merged *find(const struct rg_conversion *c, const struct rg_merged *f) {
    return rg_merge_find(&c->merge, f);
}

static size_t count_missing(const struct rg_conversion *c, const struct rg_conversion *in) {
    size_t count = 0;
    for (size_t i = 0; i < c->merge.count; i++) {
        count += !find(in, c->merge.findings[i]);
    }
    return count;
}

static void put_line(struct rg_conversion *c, const struct rg_merged *f, FILE *out) {
    const struct rg_value *v = rg_conversion_read(c, f);
    fprintf(out, "  %s  ", rg_fingerprint_text(f->fingerprint).text);
    rg_put_printable(out, rg_value_text(v, "title"));
    fputs(": ", out);
    rg_put_printable(out, rg_value_text(v, "message"));
    fprintf(out, " (%" PRIu64 " time%s", f->occurrences, rg_plural(f->occurrences));
}

static void put_new(void) {
    for (size_t i = 0; i < now.merge.count; i++) {
        if (!find(&old, now.merge.findings[i])) {
            rg_convert_text_finding(&now, now.merge.findings[i]);
        }
    }
}

static void put_gone(FILE *out) {
    for (size_t i = 0; i < old.merge.count; i++) {
        if (!find(&now, old.merge.findings[i])) {
            put_line(&old, old.merge.findings[i], out);
            fputs(")\n", out);
        }
    }
    fputs("\n", out);
}

static void put_unchanged(FILE *out) {
    for (size_t i = 0; i < now.merge.count; i++) {
        const struct rg_merged *f = now.merge.findings[i];
        const struct rg_merged *before = find(&old, f);
        if (before) {
            put_line(&now, f, out);
            if (before->occurrences != f->occurrences) {
                fprintf(out, ", before %" PRIu64, before->occurrences);
            }
            fputs(")\n", out);
        }
    }
    fputs("\n", out);
}

// For a person: reports of what is new, a line for each of the others.
static void write_changes(struct rg_conversion *c) {
    FILE *out = c->out;
    size_t added = count_missing(&now, &old);
    size_t gone = count_missing(&old, &now);
    size_t unchanged = now.merge.count - added;
    fprintf(out, "realloc_guard: %zu new, %zu gone, %zu unchanged\n\n", added, gone, unchanged);
    if (added > 0) {
        fputs("new:\n", out);
        put_new();
    }
    if (gone > 0) {
        fputs("gone:\n", out);
        put_gone(out);
    }
    if (unchanged > 0) {
        fputs("unchanged:\n", out);
        put_unchanged(out);
    }
}

// Leaves nothing but what is new. The counts of processes stay those of the whole run.
static void keep_new(void) {
    struct rg_merge *m = &now.merge;
    size_t kept = 0;
    m->occurrences = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (!find(&old, m->findings[i])) {
            m->findings[kept++] = m->findings[i];
            m->occurrences += m->findings[i]->occurrences;
        }
    }
    m->count = kept;
}

static bool is_whole(const struct rg_conversion *c) {
    return c->damaged_lines + c->unread_files == 0;
}

static int diff(const struct rg_convert_request *r) {
    rg_convert_request_begin(r, &old);
    rg_convert_request_begin(r, &now);
    rg_convert_request_read(r->files[0], &old);
    rg_convert_request_read(r->files[1], &now);
    rg_merge_sort(&old.merge, r->order);
    rg_merge_sort(&now.merge, r->order);
    size_t added = count_missing(&now, &old);
    bool is_sure = is_whole(&old) && is_whole(&now);
    if (r->format) {
        keep_new();
    }
    bool is_written =
        rg_convert_request_write(r, &now, r->format ? r->format->write : write_changes);
    rg_convert_request_end(&old);
    rg_convert_request_end(&now);
    return !is_written ? RG_CONVERT_REFUSED : !is_sure ? RG_CONVERT_DAMAGED : added ? EXIT_NEW : 0;
}

int rg_cmd_diff(int argc, char **argv) {
    struct rg_convert_request r = {.command = "diff", .source_root = "."};
    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
        print_usage();
        return 0;
    }
    bool is_good = rg_convert_request_parse(&r, argc, argv);
    if (is_good && r.file_count != 2) {
        fprintf(stderr,
                "realloc-guard: diff: takes two files, OLD and NEW, not %d; see its --help\n",
                r.file_count);
        is_good = false;
    }
    int status = is_good ? diff(&r) : RG_CONVERT_REFUSED;
    free(r.files);
    return status;
}
