// SPDX-License-Identifier: MIT
// See failures_keeper.h.
#include "failures_keeper.h"

#include "base/options.h"
#include "command.h"
#include "failures_folder.h"
#include "failures_signals.h"
#include "launch.h"
#include "need.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

double rg_keeper_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int add_options(const struct rg_attempt *a) {
    const char *const options[][2] = {
        {"log_path", rg_folder_option(a->folder, "log")},
        {"count_realloc", a->counts ? rg_folder_option(a->folder, "census") : ""},
        {"fail_realloc", a->fails},
        {"exitcode", "0"}, // the program's own status is what counts
        {"halt_on_error", "0"},
        {"format", "text"}, // which is what is read
        {"color", "never"},
    };
    int error = 0;
    for (size_t i = 0; i < RG_ARRAY_LEN(options) && !error; i++) {
        error = rg_launch_add_option(options[i][0], options[i][1]);
    }
    return error;
}

static int open_at(int fd, const char *folder, const char *name, int flags) {
    char *path = folder ? rg_need_text("%s/%s", folder, name) : rg_need_copy(name);
    int got = open(path, flags, 0666);
    if (got < 0) {
        return -errno;
    }
    int result = dup2(got, fd) < 0 ? -errno : 0;
    if (got != fd) {
        close(got);
    }
    free(path);
    return result;
}

// A folder for what the program writes, if it asks for that.
static int make_work_folder(const struct rg_attempt *a) {
    char *path = rg_need_text("%s/work", a->folder);
    int error = mkdir(path, 0777) < 0 ? -errno : 0;
    error = !error && setenv("REALLOC_GUARD_RUN", path, 1) < 0 ? -errno : error;
    free(path);
    return error;
}

// Becomes the program. Returns only where that fails, -errno.
static int become(const struct rg_job *job, const struct rg_attempt *a) {
    const int output = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
    struct rlimit limit;
    // A terminal would stop it when it reads there, and Ctrl-C is not meant for it.
    setsid();
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0;
        setrlimit(RLIMIT_CORE, &limit);
    }
    int error = open_at(0, NULL, job->input, O_RDONLY);
    error = error ? error : open_at(1, a->folder, "stdout", output);
    error = error ? error : open_at(2, a->folder, "stderr", output);
    error = error ? error : make_work_folder(a);
    error = error ? error : add_options(a);
    if (error) {
        return error;
    }
    rg_signals_give_back();
    execv(job->path, job->argv);
    return -errno;
}

static void die_with(pid_t parent, int number) {
    prctl(PR_SET_PDEATHSIG, number);
    if (getppid() != parent) {
        _exit(RG_EXIT_RUNNER);
    }
}

// What the tool has open, its caller's pipes and its lock, must not stay so where the keeper outlives it.
static void close_all(void) {
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; null >= 0 && fd < 3; fd++) {
        dup2(null, fd);
    }
    close_range(3, ~0U, 0);
}

// Returns how many children there were to kill.
static int kill_children(void) {
    FILE *file = fopen("/proc/thread-self/children", "re");
    char *word = NULL;
    size_t cap = 0;
    int count = 0;
    while (file && getdelim(&word, &cap, ' ', file) > 0) {
        pid_t pid = (pid_t)strtol(word, NULL, 10);
        count += pid > 1 && kill(pid, SIGKILL) == 0;
    }
    if (file) {
        fclose(file);
    }
    free(word);
    return count;
}

// Children of those that die become the keeper's, and are found the next time.
static void kill_all(void) {
    while (kill_children() > 0) {
        waitpid(-1, NULL, 0);
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
    }
}

static bool is_over(struct rg_verdict *v, double begun) {
    pid_t ended;
    int status;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
        if (ended == v->pid) {
            v->seconds = rg_keeper_clock() - begun;
            v->status = status;
            v->is_over = true;
            return true;
        }
    }
    return false;
}

static void keep(struct rg_verdict *v, double begun) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    int number = 0;
    while (!is_over(v, begun) && number != SIGTERM) {
        number = sigwaitinfo(&set, NULL);
    }
    kill_all();
}

// The keeper's life. SIGTERM and SIGCHLD are blocked.
static void live(const struct rg_job *job, const struct rg_attempt *a, struct rg_verdict *v) {
    pid_t keeper = getpid();
    double begun = rg_keeper_clock();
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t program = fork();
    if (program == 0) {
        die_with(keeper, SIGKILL);
        v->failure = become(job, a);
        _exit(RG_EXIT_RUNNER);
    }
    if (program < 0) {
        v->failure = -errno;
        return;
    }
    v->pid = program;
    close_all();
    keep(v, begun);
}

pid_t rg_keeper_start(const struct rg_job *job, const struct rg_attempt *a, struct rg_verdict *v) {
    pid_t tool = getpid();
    *v = (struct rg_verdict){.is_used = true};
    pid_t keeper = fork();
    if (keeper == 0) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigprocmask(SIG_BLOCK, &set, NULL);
        die_with(tool, SIGTERM);
        live(job, a, v);
        _exit(0);
    }
    return keeper < 0 ? -errno : keeper;
}
