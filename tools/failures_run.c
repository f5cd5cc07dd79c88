// SPDX-License-Identifier: MIT
// See failures_run.h. One thread; it sleeps until a keeper ends, a signal comes or a time is up.
#include "failures_run.h"

#include "failures_folder.h"
#include "failures_keeper.h"
#include "failures_signals.h"
#include "need.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// How often the size of the output is looked at.
static const double look_seconds = 0.1;

struct runner {
    const struct rg_job *job;
    struct rg_attempt **running;
    unsigned count, at_once;
    struct rg_verdict *verdicts; // at_once of them, shared with the keepers
};

// What an earlier attempt left there would be read as this one's.
static int make_folder(const char *path) {
    if (mkdir(path, 0777) == 0) {
        return 0;
    }
    DIR *dir = errno == EEXIST ? opendir(path) : NULL;
    if (!dir) {
        return -errno;
    }
    const struct dirent *entry;
    // cppcheck-suppress readdirCalled; nobody else reads this folder
    while ((entry = readdir(dir))) {
        if (!strncmp(entry->d_name, "log.", 4) || !strncmp(entry->d_name, "census.", 7)) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    closedir(dir);
    char *work = rg_need_text("%s/work", path);
    rg_folder_remove(work);
    free(work);
    return 0;
}

static struct rg_verdict *find_verdict(const struct runner *r) {
    unsigned i = 0;
    while (r->verdicts[i].is_used) {
        i++;
    }
    return &r->verdicts[i];
}

static int start(struct runner *r, struct rg_attempt *a) {
    int error = make_folder(a->folder);
    if (error) {
        return error;
    }
    a->verdict = find_verdict(r);
    a->begun = rg_keeper_clock();
    a->keeper = rg_keeper_start(r->job, a, a->verdict);
    if (a->keeper < 0) {
        a->verdict->is_used = false;
        return (int)a->keeper;
    }
    r->running[r->count++] = a;
    return 0;
}

// Whether it is over, with all that it has left running.
static bool reap(struct rg_attempt *a) {
    if (waitpid(a->keeper, NULL, WNOHANG) != a->keeper) {
        return false;
    }
    struct rg_verdict *v = a->verdict;
    a->pid = v->pid;
    a->status = v->is_over ? v->status : SIGKILL;
    a->seconds = v->is_over ? v->seconds : rg_keeper_clock() - a->begun;
    // It may have ended while this process was stopped, or just before it was killed.
    a->end = v->is_over ? RG_END_ITSELF : a->end;
    v->is_used = false;
    return true;
}

// Returns 0, or -errno where one could not be started.
static int reap_all(struct runner *r, rg_attempt_fn ended, void *arg) {
    int error = 0;
    for (unsigned i = 0; i < r->count;) {
        struct rg_attempt *a = r->running[i];
        if (!reap(a)) {
            i++;
            continue;
        }
        r->running[i] = r->running[--r->count];
        bool is_known = a->verdict->is_over || a->end != RG_END_ITSELF;
        if (a->verdict->failure || !is_known) {
            // Somebody may have killed the keeper.
            error = a->verdict->failure ? a->verdict->failure : -ECHILD;
        } else {
            ended(arg, a);
        }
    }
    return error;
}

static bool writes_too_much(const struct rg_job *job, const struct rg_attempt *a) {
    uint64_t sum = 0;
    for (int i = 0; i < 2; i++) {
        struct stat st;
        char *path = rg_need_text("%s/%s", a->folder, i ? "stderr" : "stdout");
        if (stat(path, &st) == 0) {
            sum += (uint64_t)st.st_size;
        }
        free(path);
    }
    return job->output_limit > 0 && sum > job->output_limit;
}

// Ends what has run or written too long. Returns the seconds until it must look again.
static double enforce_limits(const struct runner *r) {
    double least = look_seconds, time = rg_keeper_clock();
    for (unsigned i = 0; i < r->count; i++) {
        struct rg_attempt *a = r->running[i];
        double left = r->job->timeout > 0 ? a->begun + r->job->timeout - time : look_seconds;
        bool is_late = left <= 0;
        if (a->end == RG_END_ITSELF && (is_late || writes_too_much(r->job, a))) {
            a->end = is_late ? RG_END_TIMEOUT : RG_END_OUTPUT;
            kill(a->keeper, SIGTERM);
        }
        least = left > 0 && left < least ? left : least;
    }
    return least;
}

static void stop_all(struct runner *r) {
    for (unsigned i = 0; i < r->count; i++) {
        kill(r->running[i]->keeper, SIGTERM);
    }
    for (unsigned i = 0; i < r->count; i++) {
        waitpid(r->running[i]->keeper, NULL, 0);
    }
    r->count = 0;
}

static int run(struct runner *r, struct rg_attempt *attempts, size_t count, rg_attempt_fn ended,
               void *arg) {
    size_t next = 0;
    int stop = 0;
    while (!stop && (next < count || r->count > 0)) {
        while (!stop && next < count && r->count < r->at_once) {
            stop = start(r, &attempts[next++]);
        }
        if (!stop) {
            stop = rg_signals_wait(enforce_limits(r));
            int error = reap_all(r, ended, arg);
            stop = stop ? stop : error;
        }
    }
    stop_all(r);
    return stop;
}

int rg_run_all(const struct rg_job *job, struct rg_attempt *attempts, size_t count,
               unsigned at_once, rg_attempt_fn ended, void *arg) {
    size_t size = at_once * sizeof(struct rg_verdict);
    struct rg_verdict *verdicts =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (verdicts == MAP_FAILED) {
        return -errno;
    }
    struct runner r = {.job = job,
                       .running = rg_need(at_once * sizeof(struct rg_attempt *)),
                       .at_once = at_once,
                       .verdicts = verdicts};
    int result = run(&r, attempts, count, ended, arg);
    munmap(verdicts, size);
    free(r.running);
    return result;
}
