// SPDX-License-Identifier: MIT
// realloc-guard failures: the runs without a failure, which count the calls of realloc and show what the
// program does when all is well.
#include "cmd_failures.h"

#include "cmd_prepare.h"
#include "need.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Bytes that a run without a failure may write. It could fill the disk.
static const uint64_t OUTPUT_MOST = UINT64_C(1) << 30;

static void do_nothing(void *arg, struct rg_attempt *attempt) {
    (void)arg;
    (void)attempt;
}

// Runs the program as it is. Returns an exit status, or 0 with f->signal.
static int run_plain(struct rg_failures *f, struct rg_attempt *a) {
    f->job.timeout = f->request.timeout;
    f->job.output_limit = OUTPUT_MOST;
    int result = rg_run_all(&f->job, a, 1, 1, do_nothing, NULL);
    rg_progress_end(&f->progress);
    if (result < 0) {
        return rg_fail("cannot run %s with its files in %s: %s; %s", f->target.path, f->folder.path,
                       strerror(-result),
                       result == -EAGAIN ? "ulimit -u must allow for three more processes"
                                         : "see that it runs without the guard");
    }
    f->signal = result;
    if (result) {
        return 0;
    }
    if (a->end == RG_END_OUTPUT) {
        return rg_fail(
            "%s wrote more than 1 GiB, though no realloc failed; give it a smaller task, "
            "or run it by sh -c '... >/dev/null'",
            f->request.program[0]);
    }
    if (a->end != RG_END_ITSELF) {
        return rg_fail("%s did not end within %g s, though no realloc failed; give it a smaller "
                       "task or more time with --timeout=SECONDS",
                       f->request.program[0], f->request.timeout);
    }
    if (WIFSIGNALED(a->status)) {
        return rg_fail("%s is killed by %s though no realloc fails; see realloc-guard run",
                       f->request.program[0], rg_status_text(a->status));
    }
    return 0;
}

// The guard says in a line why it checks nothing, if it does not.
static int no_census(const struct rg_first *first, const struct rg_failures *f) {
    const char *why = strstr(first->said, "realloc_guard: ");
    return rg_fail("the guard has counted no calls in %s: %.*s; see realloc-guard run",
                   f->request.program[0], why ? (int)strcspn(why + 15, "\n") : 100,
                   why ? why + 15 : "no process of it ended by exit, or was guarded");
}

static int bad_folder(const struct rg_attempt *a, int error) {
    return rg_fail("%s: %s; make room there, or name another folder with --keep=DIR or TMPDIR",
                   a->folder, strerror(-error));
}

static int count_calls(struct rg_failures *f) {
    struct rg_attempt a = {
        .folder = rg_folder_of(&f->folder, "first"), .fails = "", .counts = true};
    rg_progress_say(&f->progress, "first run, which counts the calls of realloc");
    int status = run_plain(f, &a);
    if (status || f->signal) {
        return status;
    }
    int error = rg_first_read(&a, &f->state.first);
    int files = error ? error : rg_census_read(&f->state.census, a.folder);
    if (files < 0) {
        return bad_folder(&a, files);
    }
    char *own = rg_need_text("%s/census.%d", a.folder, (int)a.pid);
    f->counts_children_only = access(own, F_OK) < 0;
    free(own);
    rg_census_merge(&f->state.census);
    return files == 0 ? no_census(&f->state.first, f) : 0;
}

// Runs it once more as it is: what differs now differs without a failure.
static int see_whether_it_repeats(struct rg_failures *f) {
    struct rg_attempt a = {.folder = rg_folder_of(&f->folder, "second"), .fails = ""};
    struct rg_first *first = &f->state.first, again;
    rg_progress_say(&f->progress, "second run, to see what differs by itself");
    int status = run_plain(f, &a);
    if (status || f->signal) {
        return status;
    }
    int error = rg_first_read(&a, &again);
    if (error) {
        return bad_folder(&a, error);
    }
    if (again.status != first->status) {
        return rg_fail("%s ends with %s, and the second time with %s, so outcomes cannot be "
                       "compared; give it a task that repeats",
                       f->request.program[0], rg_status_text(first->status),
                       rg_status_text(again.status));
    }
    first->repeats = rg_print_equal(again.output, first->output);
    first->seconds = again.seconds > first->seconds ? again.seconds : first->seconds;
    rg_log_add_findings(&first->log, &again.log);
    return 0;
}

int rg_failures_learn(struct rg_failures *f) {
    if (f->state.is_ready) {
        return 0;
    }
    int status = count_calls(f);
    if (status || f->signal || f->request.lists) {
        return status;
    }
    status = see_whether_it_repeats(f);
    if (status || f->signal) {
        return status;
    }
    int error = rg_state_put_first(&f->state);
    return error
               ? rg_fail("state file %s: %s; make room for it", f->request.state, strerror(-error))
               : 0;
}
