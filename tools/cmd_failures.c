// SPDX-License-Identifier: MIT
// realloc-guard failures: runs a program once for each place that calls realloc, lets the first call there
// fail, and tells what became of the program.
#include "command.h"

#include "cmd_failures.h"
#include "cmd_prepare.h"
#include "failures_signals.h"
#include "need.h"
#include "shell_word.h"
#include "symbolizer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// fail_realloc's limit, see RG_OPTION_STRING_CAP.
enum { FAILS_MOST = 500 };

static void find_sites(struct rg_failures *f) {
    // The symbolizer forgets this variable, and the program may want it.
    const char *servers = getenv("DEBUGINFOD_URLS");
    char *kept_servers = servers ? rg_need_copy(servers) : NULL;
    struct rg_symbolizer *s = rg_symbolizer_open();
    size_t kept = 0, count = rg_census_sites(&f->state.census, f->request.depth, &f->sites);
    for (size_t i = 0; i < count && !f->signal; i++) {
        f->signal = rg_signals_wait(0);
        if (s) {
            rg_site_name(&f->sites[i], s);
        }
        if (!f->request.only || rg_site_contains(&f->sites[i], f->request.only)) {
            f->sites[kept++] = f->sites[i];
        }
    }
    if (s) {
        rg_symbolizer_close(s);
    }
    if (kept_servers) {
        setenv("DEBUGINFOD_URLS", kept_servers, 1);
        free(kept_servers);
    }
    f->site_count = kept;
    f->site_total = count;
}

static void add_case(struct rg_failures *f, struct rg_case c) {
    f->cases = rg_need_room(f->cases, f->case_count, sizeof *f->cases);
    if (!c.fails || strlen(c.fails) > FAILS_MOST) {
        c.fails = NULL;
        c.done = true;
        c.result = (struct rg_result){.outcome = RG_NOT_TRIED,
                                      .detail = rg_need_copy("fail_realloc cannot name it"),
                                      .said = rg_need_copy(""),
                                      .place = rg_need_copy(""),
                                      .report = rg_need_copy("")};
    } else {
        const struct rg_result *known = rg_state_find(&f->state, c.fails);
        c.done = known != NULL;
        c.result = known ? *known : c.result;
    }
    f->cases[f->case_count++] = c;
}

static void make_cases(struct rg_failures *f) {
    for (size_t i = 0; i < f->site_count; i++) {
        const struct rg_site *site = &f->sites[i];
        add_case(f, (struct rg_case){.site = site,
                                     .label = rg_need_text("site %zu", site->number),
                                     .fails = site->chain ? rg_need_text("site:%s,1", site->chain)
                                                          : NULL});
    }
    for (uint64_t n = 1; n <= f->request.first && n <= f->state.census.longest; n++) {
        add_case(f, (struct rg_case){.call = n,
                                     .label = rg_need_text("call %" PRIu64, n),
                                     .fails = rg_need_text("%" PRIu64, n)});
    }
}

// A case is over: judge it, keep the result, show it.
static void take_result(void *arg, struct rg_attempt *attempt) {
    struct rg_failures *f = arg;
    struct rg_case *c = f->pending[attempt - f->attempts];
    int error = rg_outcome_judge(&f->state.first, attempt, &c->result);
    if (error) {
        f->read_error = f->read_error ? f->read_error : error;
        return;
    }
    c->done = true;
    error = rg_state_put_case(&f->state, c->fails, &c->result);
    f->state_error = f->state_error ? f->state_error : error;
    rg_progress_step(&f->progress, f->cases, f->case_count, c);
    rg_folder_drop(&f->folder, attempt->folder);
}

static void list_pending(struct rg_failures *f) {
    f->pending = rg_need((f->case_count + 1) * sizeof(struct rg_case *));
    f->attempts = rg_need((f->case_count + 1) * sizeof *f->attempts);
    for (size_t i = 0; i < f->case_count; i++) {
        struct rg_case *c = &f->cases[i];
        if (!c->done) {
            char *name = rg_need_copy(c->label);
            *strchr(name, ' ') = '-';
            f->attempts[f->pending_count] =
                (struct rg_attempt){.folder = rg_folder_of(&f->folder, name), .fails = c->fails};
            f->pending[f->pending_count++] = c;
            free(name);
        }
    }
}

static int run_cases(struct rg_failures *f) {
    const struct rg_first *first = &f->state.first;
    double suggested = 10 * first->seconds > 10 ? 10 * first->seconds : 10;
    f->job.timeout = f->request.timeout > 0 ? f->request.timeout : suggested;
    f->job.output_limit = 2 * first->output.size + (UINT64_C(64) << 20);
    list_pending(f);
    f->progress.total = f->case_count;
    f->progress.done = f->case_count - f->pending_count;
    int result =
        rg_run_all(&f->job, f->attempts, f->pending_count, f->request.jobs, take_result, f);
    rg_progress_end(&f->progress);
    if (result < 0) {
        return rg_fail("cannot run %s with its files in %s: %s; %s--resume goes on when that is "
                       "mended",
                       f->target.path, f->folder.path, strerror(-result),
                       result == -EAGAIN ? "--jobs=1 needs fewer processes, " : "");
    }
    f->signal = result;
    if (f->state_error) {
        return rg_fail("state file %s: %s; what is missing there --resume runs again",
                       f->request.state, strerror(-f->state_error));
    }
    if (f->read_error) {
        return rg_fail("logs or output of some runs in %s cannot be read, or are cut: %s; --resume "
                       "runs them again",
                       f->folder.path, strerror(-f->read_error));
    }
    return 0;
}

static void put_head(const struct rg_failures *f) {
    const struct rg_first *first = &f->state.first;
    const struct rg_census *c = &f->state.census;
    char *status = rg_status_text(first->status);
    fputs("realloc-guard failures:", stdout);
    for (char **word = f->request.program; *word; word++) {
        char *quoted = rg_shell_word(*word);
        printf(" %s", quoted);
        free(quoted);
    }
    printf("\nfirst run: %s after %.2f s, %" PRIu64 " call%s of realloc from %zu site%s", status,
           first->seconds, c->calls, c->calls == 1 ? "" : "s", f->site_total,
           f->site_total == 1 ? "" : "s");
    if (f->request.only) {
        printf(", %zu asked for", f->site_count);
    }
    putchar('\n');
    char *line = rg_first_line(first->said, "");
    if (first->status != 0 && *line) {
        printf("it said: \"%s\"\n", line);
    }
    free(line);
    if (f->counts_children_only) {
        puts("the program itself left no counts: it did not end by exit, or became another program "
             "that is not guarded; only those that it started are counted");
    }
    if (!first->repeats && !f->request.lists) {
        puts("its output differs from run to run, and is not compared");
    }
    for (size_t i = 0; i < first->log.count; i++) {
        printf("reported without any failure: %s\n", first->log.findings[i].headline);
    }
    putchar('\n');
    free(status);
}

// What stands last is what is seen first where reports fill the screen.
static void put_close(const struct rg_failures *f, size_t bad) {
    char *state = rg_shell_word(f->request.state);
    printf("\n%zu fault%s%s", bad, bad == 1 ? "" : "s", bad > 0 ? ", reported above" : "");
    if (!f->state_error) {
        printf("; all of this is in %s, and --resume shows it again", state);
    }
    putchar('\n');
    free(state);
}

// Returns the exit status that the cases deserve.
static int show(struct rg_failures *f) {
    const struct rg_repeat how = {.tool = program_invocation_name,
                                  .options = f->request.options,
                                  .option_count = f->request.option_count,
                                  .program = f->request.program,
                                  .library = f->request.library,
                                  .input = f->request.input};
    size_t silent = 0, done = 0, bad = 0;
    for (size_t i = 0; i < f->case_count; i++) {
        const struct rg_case *c = &f->cases[i];
        done += c->done;
        silent += c->done && rg_result_is_silent(&c->result);
        bad += c->done && rg_outcome_is_bad(c->result.outcome);
    }
    put_head(f);
    rg_table_sort(f->cases, f->case_count);
    rg_table_put_cases(stdout, f->cases, f->case_count);
    char *sums = rg_table_sums(f->cases, f->case_count);
    printf("\n%zu of %zu runs%s%s\n", done, f->case_count, *sums ? ": " : "", sums);
    free(sums);
    if (silent > 0) {
        printf("%zu wrote something else and ended as before without a message: see whether that "
               "is right\n",
               silent);
    }
    rg_table_put_reports(stdout, f->cases, f->case_count, &how);
    put_close(f, bad);
    return bad > 0;
}

static int list(const struct rg_failures *f) {
    put_head(f);
    rg_table_put_sites(stdout, f->sites, f->site_count);
    return 0;
}

static int work(struct rg_failures *f) {
    int status = rg_failures_learn(f);
    rg_progress_end(&f->progress);
    if (status || f->signal) {
        return status;
    }
    find_sites(f);
    if (f->signal) {
        return 0;
    }
    if (f->request.only && f->site_count == 0) {
        return rg_fail("no function, file or module of a site contains \"%s\"; --list shows all "
                       "sites",
                       f->request.only);
    }
    if (f->request.lists) {
        return list(f);
    }
    make_cases(f);
    status = run_cases(f);
    // A reader of the table may leave before its end.
    rg_folder_close(&f->folder);
    rg_signals_give_back();
    int deserved = show(f);
    return status ? status : deserved;
}

// What is closed would be taken by the first file that is opened. Writing there fails as before.
static void have_standard_streams(void) {
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            int ignored = open("/dev/null", O_RDONLY);
            (void)ignored;
        }
    }
}

// A table that nobody could read is no success.
static int close_table(const struct rg_failures *f, int status) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return status;
    }
    return rg_fail("the table cannot be written: %s; %s", strerror(errno ? errno : EIO),
                   f->request.lists ? "see where standard output goes"
                                    : "--resume writes it again");
}

// An interrupted tool ends by the signal, so that a shell that waits for it knows.
static int end_by(struct rg_failures *f) {
    rg_fail("stopped by SIG%s; %s", sigabbrev_np(f->signal),
            f->state.is_ready ? "--resume goes on from here" : "nothing was known yet");
    rg_signals_end_by(f->signal);
    return RG_EXIT_RUNNER;
}

int rg_cmd_failures(int argc, char **argv) {
    (void)argc;
    static struct rg_failures f;
    have_standard_streams();
    int status = rg_request_parse(argv, &f.request);
    if (status || !f.request.program) {
        return status;
    }
    status = rg_prepare_program(f.request.program[0], &f.target);
    if (!status && strchr(f.target.checked, '\n')) {
        return rg_fail(
            "cannot guard %s: its name holds a newline, which logs cannot tell from their "
            "own; rename it, or name a copy",
            rg_shell_word(f.request.program[0]));
    }
    status = status ? status : rg_prepare_preload(f.request.library);
    if (status) {
        return status;
    }
    f.job =
        (struct rg_job){.path = f.target.path, .argv = f.request.program, .input = f.request.input};
    rg_signals_take();
    rg_progress_begin(&f.progress, stderr);
    status = f.request.lists ? 0 : rg_failures_open_state(&f);
    if (status) {
        return status;
    }
    char *why;
    if (rg_folder_open(&f.folder, f.request.keep, &why) < 0) {
        status = rg_fail("%s", why);
    } else {
        status = work(&f);
        rg_folder_close(&f.folder);
    }
    rg_signals_give_back();
    if (!f.request.lists) {
        rg_state_give_up(&f.state, f.request.state);
    }
    status = close_table(&f, status);
    return f.signal ? end_by(&f) : status;
}
