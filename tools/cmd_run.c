// SPDX-License-Identifier: MIT
// realloc-guard run: becomes the program, with the library preloaded. Process id, signals and exit
// status are the program's own. Where a preload cannot work the runner says so in one line, what, why
// and what to do, and exits with RG_EXIT_RUNNER instead of running the program unguarded.
#include "command.h"

#include "cmd_prepare.h"
#include "target_check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// What the command line says. `program` is where the program's own argv begins, NULL at first.
struct request {
    const char *library;
    char **program;
    bool done; // --help or --version was all there is to do
};

// Takes the option at argv[*at] and, where it is written apart, its value; moves *at past them.
static int take_option(char **argv, int *at, struct request *r) {
    struct rg_word word = rg_word_split(argv[(*at)++]);
    if (!rg_word_is(&word, "library")) {
        return rg_prepare_option(&word, argv, at);
    }
    int status = rg_word_need_value(&word, argv, at);
    r->library = word.value;
    return status;
}

static int parse(char **argv, struct request *r) {
    for (int at = 1; argv[at];) {
        const char *word = argv[at];
        if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
            rg_print_usage();
            r->done = true;
            return 0;
        }
        if (!strcmp(word, "--version")) {
            puts("realloc-guard " RG_VERSION);
            r->done = true;
            return 0;
        }
        if (!strcmp(word, "--") || word[0] != '-') {
            at += !strcmp(word, "--");
            r->program = argv[at] ? &argv[at] : NULL;
            break;
        }
        if (strncmp(word, "--", 2) != 0) {
            return rg_fail("unknown option %s; options begin with -- (--help lists all)", word);
        }
        int status = take_option(argv, &at, r);
        if (status) {
            return status;
        }
    }
    return r->program ? 0
                      : rg_fail("no program given; write realloc-guard -- PROGRAM [ARGUMENT]...");
}

int rg_cmd_run(int argc, char **argv) {
    (void)argc;
    struct request request = {0};
    int status = parse(argv, &request);
    if (status || request.done || !request.program) {
        return status;
    }
    static struct rg_target target;
    status = rg_prepare_program(request.program[0], &target);
    if (!status) {
        status = rg_prepare_preload(request.library);
    }
    if (status) {
        return status;
    }
    execv(target.path, request.program);
    return rg_fail("cannot execute %s: %s; see that it runs without the guard", target.path,
                   strerror(errno));
}
