// SPDX-License-Identifier: MIT
// See cmd_failures_request.h.
#include "cmd_failures_request.h"

#include "base/options.h"
#include "cmd_prepare.h"
#include "failures_census.h"
#include "need.h"
#include "own_option.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "Usage: realloc-guard failures [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
    "\n"
    "Finds out what a program does where realloc fails. It is run twice as it is, which counts "
    "the\n"
    "calls of realloc, then once for each site that calls realloc, with a failure of the first\n"
    "call there, then once for each of the first calls of all. A table says what became of it:\n"
    "\n"
    "  survived        it ended with the same exit status and wrote the same\n"
    "  refused         it ended otherwise, or wrote something else: it noticed, and said so\n"
    "  crashed         it was killed by the signal that is named\n"
    "  lost a block    nothing points to the block any more, as after p = realloc(p, n)\n"
    "  misused memory  the guard found another misuse that needs the failure\n"
    "  hung            it did not end in time\n"
    "  not reached     no call failed, as where it goes another way each time\n"
    "\n"
    "The worst come first. Below are the guard's reports, and the commands that repeat those "
    "runs.\n"
    "\n"
    "Options:\n"
    "  --first=N         how many of the first calls of all are failed one by one (10; 0 with "
    "--only)\n"
    "  --only=PATTERN    only sites whose function, file or module contains PATTERN\n"
    "  --depth=N         a site is the N innermost frames above realloc (1, at most 8): where a\n"
    "                    wrapper such as xrealloc makes the calls, --depth=2 or 3 tells its "
    "callers\n"
    "                    apart\n"
    "  --timeout=SECONDS a run that takes longer hangs (ten times the first run, at least 10)\n"
    "  --jobs=N          runs at a time (the processors); 1 where the program writes into files "
    "of\n"
    "                    fixed names, since all runs have the same working directory\n"
    "  --stdin=FILE      standard input, opened anew for each run (/dev/null)\n"
    "  --state=FILE      where results are kept (./realloc-guard-failures.tsv)\n"
    "  --resume          go on where a run of the same command was stopped\n"
    "  --restart         begin anew, and overwrite the state file\n"
    "  --keep=DIR        keep logs and output of every run there\n"
    "  --list            only list the sites and their calls\n"
    "  --library=PATH    the librealloc_guard.so to load\n"
    "  --help            this text\n"
    "and those of the guard (see realloc-guard --help), which apply to every run.\n"
    "\n"
    "Calls by processes that the program starts count as well; each process fails its own first\n"
    "call. What a process called before it executes another program is not counted.\n"
    "\n"
    "All runs share the working directory. A program that writes into files can do so in a folder\n"
    "of the run's own, which is removed (but not with --keep):\n"
    "\n"
    "  realloc-guard failures -- sh -c 'cd \"$REALLOC_GUARD_RUN\" && exec /path/prog -o out'\n"
    "\n"
    "The exit status is 0 where all runs survived or refused, 1 where one crashed, lost a\n"
    "block, misused memory or hung, and 125 where the tool itself could not work.\n";

// Where the values of the command line go, before they are known to be good.
struct values {
    const char *only, *state, *keep, *input, *library;
    uint64_t first, depth, jobs;
    double timeout;
    bool lists, resumes, restarts;
};

// What the tool needs for its own runs.
static int check_is_free(const struct rg_word *word) {
    static const char *const taken[] = {"fail_realloc",  "count_realloc", "log_path", "exitcode",
                                        "halt_on_error", "color",         "format"};
    char *name = rg_need_part(word->name, word->len);
    for (char *c = name; *c; c++) {
        *c = *c == '-' ? '_' : *c;
    }
    int status = 0;
    for (size_t i = 0; i < RG_ARRAY_LEN(taken) && !status; i++) {
        if (!strcmp(name, taken[i])) {
            status = rg_fail("option --%s: failures sets it for each run; leave it out (--keep=DIR "
                             "keeps the logs)",
                             name);
        }
    }
    if (!status && !rg_option_find(name, strlen(name))) {
        status = -1;
    }
    free(name);
    return status;
}

static int take_guard_option(char **argv, int begin, int *at, struct rg_word *word,
                             struct rg_request *r) {
    int status = rg_prepare_option(word, argv, at);
    for (int i = begin; i < *at; i++) {
        r->options = rg_need_room(r->options, r->option_count, sizeof *r->options);
        r->options[r->option_count++] = argv[i];
    }
    return status;
}

static int take_option(char **argv, int *at, struct values *v, struct rg_request *r) {
    const struct rg_own_option own[] = {
        {"first", RG_OWN_NUMBER, &v->first, 0, 1000000},
        {"only", RG_OWN_TEXT, &v->only, 0, 0},
        {"depth", RG_OWN_NUMBER, &v->depth, 1, RG_CENSUS_FRAMES},
        {"timeout", RG_OWN_SECONDS, &v->timeout, 0, 0},
        {"jobs", RG_OWN_NUMBER, &v->jobs, 1, 1024},
        {"stdin", RG_OWN_TEXT, &v->input, 0, 0},
        {"state", RG_OWN_TEXT, &v->state, 0, 0},
        {"resume", RG_OWN_FLAG, &v->resumes, 0, 0},
        {"restart", RG_OWN_FLAG, &v->restarts, 0, 0},
        {"keep", RG_OWN_TEXT, &v->keep, 0, 0},
        {"list", RG_OWN_FLAG, &v->lists, 0, 0},
        {"library", RG_OWN_TEXT, &v->library, 0, 0},
    };
    int begin = *at;
    struct rg_word word = rg_word_split(argv[(*at)++]);
    for (size_t i = 0; i < RG_ARRAY_LEN(own); i++) {
        if (rg_word_is(&word, own[i].name)) {
            return rg_own_option_set(&own[i], &word, argv, at);
        }
    }
    int status = check_is_free(&word);
    if (status < 0) {
        return rg_own_option_unknown("failures", own, RG_ARRAY_LEN(own), &word);
    }
    return status ? status : take_guard_option(argv, begin, at, &word, r);
}

static uint64_t count_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (uint64_t)CPU_COUNT(&set) : 1;
}

// Each run reads it from its beginning, which a pipe and a terminal have not.
static int check_input(const char *path) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0) {
        return rg_fail("--stdin=%s: %s; name a file that can be read", path, strerror(errno));
    }
    bool is_terminal = isatty(fd);
    close(fd);
    if (S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && !is_terminal)) {
        return 0;
    }
    return rg_fail("--stdin=%s: it is a %s, which the runs cannot each read from the beginning; "
                   "name an ordinary file",
                   path,
                   is_terminal            ? "terminal"
                   : S_ISDIR(st.st_mode)  ? "folder"
                   : S_ISFIFO(st.st_mode) ? "pipe"
                                          : "special file");
}

static int check(const struct values *v, struct rg_request *r) {
    if (!r->program) {
        return rg_fail("no program given; write realloc-guard failures -- PROGRAM [ARGUMENT]...");
    }
    if (v->resumes && v->restarts) {
        return rg_fail("--resume goes on and --restart begins anew; leave one out");
    }
    if (v->lists && (v->resumes || v->restarts)) {
        return rg_fail("--list keeps no results; leave --%s out",
                       v->resumes ? "resume" : "restart");
    }
    r->library = v->library;
    r->only = v->only;
    r->state = v->state ? v->state : "realloc-guard-failures.tsv";
    r->keep = v->keep;
    r->input = v->input ? v->input : "/dev/null";
    r->first = v->first != UINT64_MAX ? v->first : v->only ? 0 : 10;
    r->depth = (unsigned)v->depth;
    r->jobs = (unsigned)(v->jobs ? v->jobs : count_processors());
    r->timeout = v->timeout;
    r->lists = v->lists;
    r->resumes = v->resumes;
    r->restarts = v->restarts;
    return v->input ? check_input(v->input) : 0;
}

int rg_request_parse(char **argv, struct rg_request *ret_request) {
    struct values v = {.first = UINT64_MAX, .depth = 1};
    struct rg_request r = {0};
    int at = 1, status = 0;
    while (argv[at] && argv[at][0] == '-' && strcmp(argv[at], "--") != 0 && !status) {
        if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
            fputs(help, stdout);
            *ret_request = r;
            return 0;
        }
        if (strncmp(argv[at], "--", 2) != 0) {
            return rg_fail("unknown option %s; options begin with -- (failures --help lists all)",
                           argv[at]);
        }
        status = take_option(argv, &at, &v, &r);
    }
    if (status) {
        return status;
    }
    at += argv[at] && !strcmp(argv[at], "--");
    r.program = argv[at] ? &argv[at] : NULL;
    status = check(&v, &r);
    *ret_request = r;
    return status;
}
