// SPDX-License-Identifier: MIT
// See failures_run.h. One thread; it sleeps in poll until a child ends, a signal comes or a time is up.
#include "failures_run.h"

#include "command.h"
#include "launch.h"
#include "need.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// How often the size of the output is looked at.
static const double look_seconds = 0.5;

struct runner {
    const struct rg_job *job;
    struct rg_attempt **running;
    unsigned count;
    int signals;     // the signalfd
    sigset_t before; // the mask to give to children
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

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
    return 0;
}

// FOLDER/NAME.%p, where a % of the folder's is doubled.
static char *log_value(const char *folder, const char *name) {
    char *value = rg_need(2 * strlen(folder) + strlen(name) + 8);
    char *at = value;
    for (; *folder; folder++) {
        *at++ = *folder;
        if (*folder == '%') {
            *at++ = '%';
        }
    }
    sprintf(at, "/%s.%%p", name);
    return value;
}

static int add_options(const struct rg_attempt *a) {
    const char *const options[][2] = {
        {"log_path", log_value(a->folder, "log")},
        {"count_realloc", a->counts ? log_value(a->folder, "census") : ""},
        {"fail_realloc", a->fails},
        {"exitcode", "0"}, // the program's own status is what counts
        {"halt_on_error", "0"},
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

// Becomes the program. Returns only where that fails, -errno.
static int become(const struct runner *r, const struct rg_attempt *a) {
    const int output = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
    struct rlimit limit;
    // A terminal would stop it when it reads there, and Ctrl-C is not meant for it.
    setsid();
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0;
        setrlimit(RLIMIT_CORE, &limit);
    }
    int error = open_at(0, NULL, r->job->input, O_RDONLY);
    error = error ? error : open_at(1, a->folder, "stdout", output);
    error = error ? error : open_at(2, a->folder, "stderr", output);
    error = error ? error : add_options(a);
    if (error) {
        return error;
    }
    sigprocmask(SIG_SETMASK, &r->before, NULL);
    execv(r->job->path, r->job->argv);
    return -errno;
}

static void die_with(pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(RG_EXIT_RUNNER);
    }
}

// The pipe closes when the program begins, or carries the reason why it does not.
static int start(struct runner *r, struct rg_attempt *a) {
    int failure = 0, ends[2], error = make_folder(a->folder);
    if (error || pipe2(ends, O_CLOEXEC) < 0) {
        return error ? error : -errno;
    }
    pid_t parent = getpid();
    a->begun = now();
    a->pid = fork();
    if (a->pid == 0) {
        die_with(parent);
        failure = become(r, a);
        ssize_t ignored = write(ends[1], &failure, sizeof failure);
        (void)ignored;
        _exit(RG_EXIT_RUNNER);
    }
    error = a->pid < 0 ? -errno : 0;
    close(ends[1]);
    if (!error && read(ends[0], &failure, sizeof failure) == sizeof failure) {
        waitpid(a->pid, NULL, 0);
        error = failure;
    }
    close(ends[0]);
    if (!error) {
        r->running[r->count++] = a;
    }
    return error;
}

// The whole session; before setsid there is only the child.
static void kill_attempt(const struct rg_attempt *a) {
    if (kill(-a->pid, SIGKILL) < 0) {
        kill(a->pid, SIGKILL);
    }
}

// Whether it has ended; kills what it has left running while its number still stands for it.
static bool reap(struct rg_attempt *a) {
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)a->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0) {
        return false;
    }
    a->seconds = now() - a->begun;
    kill_attempt(a);
    waitpid(a->pid, &a->status, 0);
    return true;
}

static void reap_all(struct runner *r, rg_attempt_fn ended, void *arg) {
    for (unsigned i = 0; i < r->count;) {
        struct rg_attempt *a = r->running[i];
        if (reap(a)) {
            r->running[i] = r->running[--r->count];
            ended(arg, a);
        } else {
            i++;
        }
    }
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

// Kills what has run or written too long. Returns the seconds until it must look again, -1 for never.
static double enforce_limits(const struct runner *r) {
    double least = -1, time = now();
    for (unsigned i = 0; i < r->count; i++) {
        struct rg_attempt *a = r->running[i];
        double left = r->job->timeout > 0 ? a->begun + r->job->timeout - time : look_seconds;
        bool is_late = left <= 0;
        if (a->end == RG_END_ITSELF && (is_late || writes_too_much(r->job, a))) {
            a->end = is_late ? RG_END_TIMEOUT : RG_END_OUTPUT;
            kill_attempt(a);
        }
        left = left < 0 || left > look_seconds ? look_seconds : left;
        least = least < 0 || left < least ? left : least;
    }
    return least;
}

// Sleeps until something happens. Returns the number of a signal that asks to stop, or 0.
static int sleep_until(int signals, double seconds) {
    struct pollfd wanted = {.fd = signals, .events = POLLIN};
    int stop = 0;
    poll(&wanted, 1, seconds < 0 ? -1 : (int)(seconds * 1000) + 1);
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == sizeof info) {
        stop = info.ssi_signo == SIGCHLD ? stop : (int)info.ssi_signo;
    }
    return stop;
}

static void stop_all(struct runner *r) {
    for (unsigned i = 0; i < r->count; i++) {
        kill_attempt(r->running[i]);
        waitpid(r->running[i]->pid, NULL, 0);
    }
    r->count = 0;
}

static int run(struct runner *r, struct rg_attempt *attempts, size_t count, unsigned at_once,
               rg_attempt_fn ended, void *arg) {
    size_t next = 0;
    int stop = 0;
    while (!stop && (next < count || r->count > 0)) {
        while (!stop && next < count && r->count < at_once) {
            stop = start(r, &attempts[next++]);
        }
        if (!stop) {
            stop = sleep_until(r->signals, enforce_limits(r));
            reap_all(r, ended, arg);
        }
    }
    stop_all(r);
    return stop;
}

int rg_run_all(const struct rg_job *job, struct rg_attempt *attempts, size_t count,
               unsigned at_once, rg_attempt_fn ended, void *arg) {
    struct runner r = {.job = job, .running = rg_need(at_once * sizeof(struct rg_attempt *))};
    static const int watched[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < RG_ARRAY_LEN(watched); i++) {
        sigaddset(&set, watched[i]);
    }
    sigprocmask(SIG_BLOCK, &set, &r.before);
    // An ignored SIGCHLD would leave no child to wait for.
    void (*child_handler)(int) = signal(SIGCHLD, SIG_DFL);
    r.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    int result = r.signals < 0 ? -errno : run(&r, attempts, count, at_once, ended, arg);
    if (r.signals >= 0) {
        close(r.signals);
    }
    signal(SIGCHLD, child_handler);
    sigprocmask(SIG_SETMASK, &r.before, NULL);
    free(r.running);
    return result;
}
