// SPDX-License-Identifier: MIT
// realloc-guard symbolize: the helper process of the library. A request is a line, an answer is a few
// lines and an empty one; print_usage() below is the protocol's description. It answers whatever it
// is sent, never ends before its input does, writes nowhere else and fetches nothing from anywhere.
#include "command.h"

#include "symbolizer.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void print_usage(void) {
    puts("Usage: realloc-guard symbolize\n"
         "\n"
         "Reads one request a line from standard input:\n"
         "  PATH<tab>ADDRESS<tab>BUILDID\n"
         "PATH is an ELF file, ADDRESS hexadecimal as in that file (nm shows the same), BUILDID "
         "the\n"
         "lower-case build-id it must have, or - for any.\n"
         "Answers each with a line a frame, innermost inlined function first, then an empty line:\n"
         "  FUNCTION<tab>FILE<tab>LINE<tab>COLUMN\n"
         "What is not known is ? or 0. A file with another build-id gives ? and no wrong lines.\n"
         "\n"
         "  printf '%s\\t%s\\t-\\n' ./prog 1139 | realloc-guard symbolize");
}

static void put_field(const char *text) {
    for (; *text; text++) {
        putchar((unsigned char)*text < ' ' ? '?' : *text);
    }
}

static void put_frame(void *arg, const struct rg_frame *frame) {
    bool *answered = arg;
    *answered = true;
    put_field(frame->function ? frame->function : "?");
    putchar('\t');
    put_field(frame->file ? frame->file : "?");
    printf("\t%d\t%d\n", frame->line, frame->column);
}

// Cuts a request into its fields, from the right because a path may hold tabs.
static bool split(char *line, char **ret_build_id, uint64_t *ret_address) {
    char *build_id = strrchr(line, '\t');
    if (!build_id) {
        return false;
    }
    *build_id++ = 0;
    char *digits = strrchr(line, '\t');
    if (!digits) {
        return false;
    }
    *digits++ = 0;
    if (!strncmp(digits, "0x", 2)) {
        digits += 2;
    }
    size_t len = strlen(digits);
    if (len == 0 || len > 16 || strspn(digits, "0123456789abcdefABCDEF") != len) {
        return false;
    }
    *ret_build_id = build_id;
    *ret_address = strtoull(digits, NULL, 16);
    return *line && *build_id;
}

static void answer(struct rg_symbolizer *s, char *line, size_t len) {
    bool answered = false;
    char *build_id;
    uint64_t address;
    if (strlen(line) == len && split(line, &build_id, &address)) {
        rg_symbolizer_lookup(s, line, build_id, address, put_frame, &answered);
    }
    if (!answered) {
        put_frame(&answered, &(struct rg_frame){0});
    }
    putchar('\n');
    fflush(stdout);
}

// On a terminal's Ctrl-C the library may be about to ask; its end of the socket says when to stop.
static void outlive_terminal_signals(void) {
    struct stat st;
    if (fstat(0, &st) == 0 && S_ISSOCK(st.st_mode)) {
        signal(SIGINT, SIG_IGN);
        signal(SIGQUIT, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
    }
}

int rg_cmd_symbolize(int argc, char **argv) {
    if (argc > 1) {
        if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
            print_usage();
            return 0;
        }
        fprintf(stderr, "realloc-guard: symbolize takes no argument \"%s\"; see symbolize --help\n",
                argv[1]);
        return RG_EXIT_RUNNER;
    }
    outlive_terminal_signals();
    struct rg_symbolizer *s = rg_symbolizer_open();
    if (!s) {
        fprintf(stderr, "realloc-guard: symbolize: %s\n", strerror(ENOMEM));
        return RG_EXIT_RUNNER;
    }
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    while ((len = getline(&line, &cap, stdin)) > 0) {
        if (line[len - 1] == '\n') {
            line[--len] = 0;
        }
        answer(s, line, (size_t)len);
    }
    free(line);
    rg_symbolizer_close(s);
    return 0;
}
