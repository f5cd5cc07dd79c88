// SPDX-License-Identifier: MIT
// realloc-guard top: shows while a program runs where it allocates. The program is a child in a session of its own,
// and its trace is read while it grows.
#include "cmd_top.h"

#include "cmd_prepare.h"
#include "command.h"
#include "failures_signals.h"
#include "launch.h"
#include "need.h"
#include "top_attach.h"
#include "top_screen.h"
#include "top_signals.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint64_t SECOND = 1000000000;
// For reading the trace, and for names, before keys are looked at again.
static const uint64_t LOOK_NS = 100000000;
// What a program that is asked to end has for that, in seconds.
static const double GRACE = 5;
// One that goes on all the same is killed the third time.
enum { ASKED_MOST = 3 };

struct rg_top_frame rg_top_frame_of(struct rg_top *t) {
    return (struct rg_top_frame){.group = &t->group,
                                 .view = &t->view,
                                 .child = &t->child,
                                 .output = t->child.pid ? &t->output : NULL,
                                 .program = t->request.program ? t->request.program[0] : "",
                                 .is_utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8")};
}

int rg_top_wait(struct rg_top *t, int keyboard, double seconds) {
    struct pollfd fds[] = {{.fd = t->signals, .events = POLLIN},
                           {.fd = t->output.pipes[0], .events = POLLIN},
                           {.fd = t->output.pipes[1], .events = POLLIN},
                           {.fd = keyboard, .events = POLLIN}};
    poll(fds, RG_ARRAY_LEN(fds), (int)(seconds * 1000 + 0.999));
    rg_top_output_take(&t->output);
    int number;
    while ((number = rg_top_signals_next(t->signals)) == SIGCHLD) {
    }
    rg_top_child_look(&t->child);
    t->view.has_program = t->child.pid && !t->child.has_ended;
    // A terminal that is gone sends no signal to who does not belong to it.
    const bool is_gone = keyboard >= 0 && (fds[3].revents & (POLLHUP | POLLERR | POLLNVAL));
    return number ? number : is_gone ? SIGHUP : 0;
}

bool rg_top_look(struct rg_top *t, bool is_patient) {
    const uint64_t deadline = is_patient ? UINT64_MAX : rg_top_now() + LOOK_NS;
    rg_top_group_look(&t->group, t->child.pid, t->child.has_ended ? t->child.pid : 0);
    if (!t->group.shown) {
        return !t->child.has_ended;
    }
    rg_top_group_follow(&t->group, rg_top_clock_ticks(&t->clock), deadline, t->view.sort);
    struct rg_top_member *m = t->group.shown;
    const uint64_t names_deadline = is_patient ? UINT64_MAX : rg_top_now() + LOOK_NS;
    if (rg_top_sites_name(&m->sites, names_deadline)) {
        rg_top_sites_update(&m->sites, t->view.sort);
    }
    return m->process.is_behind || m->sites.unnamed > 0;
}

static int attach(struct rg_top *t) {
    char *why = NULL;
    char *path = rg_top_attach_find(t->request.pid, &why);
    if (!path) {
        return rg_fail("top: %s", why);
    }
    if (!rg_top_group_add(&t->group, path) || !rg_top_group_show(&t->group, t->group.members[0])) {
        return rg_fail("top: %s", t->group.message);
    }
    // Its own number, where it is in a container.
    t->group.members[0]->pid = t->request.pid;
    free(path);
    return 0;
}

static int prepare(struct rg_top *t) {
    int status = rg_prepare_program(t->request.program[0], &t->target);
    status = status ? status : rg_prepare_preload(t->request.library);
    if (status) {
        return status;
    }
    char *why;
    if (rg_folder_open(&t->folder, t->request.keep, &why) < 0) {
        return rg_fail("top: %s", why);
    }
    char *value = rg_folder_option(t->folder.path, "trace");
    const int error = rg_launch_add_option("trace", value);
    free(value);
    t->group.folder = t->folder.path;
    return error ? rg_fail("top: folder %s: %s; name another with --keep=DIR or TMPDIR",
                           t->folder.path, strerror(-error))
                 : 0;
}

static int start(struct rg_top *t, bool is_live) {
    const bool is_collected[] = {true, is_live && isatty(2)};
    int ends[2];
    int error = rg_top_output_open(&t->output, t->folder.path, is_collected, ends);
    error = error ? error : rg_top_child_start(&t->child, t->target.path, t->request.program, ends);
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0) {
            close(ends[i]);
        }
    }
    return error;
}

// There may be very much of it: a signal ends that, too.
static void pass_output(struct rg_top *t) {
    int more = 1;
    while (more > 0 && !t->is_cut_short) {
        more = rg_top_output_pass(&t->output);
        const int number = rg_top_signals_next(t->signals);
        if (number && number != SIGWINCH && number != SIGCHLD) {
            rg_top_child_signal(&t->child, number);
            t->is_cut_short = true;
        }
    }
    t->error = t->error ? t->error : more < 0 ? -more : 0;
}

// Writes what the program has written and writes, and waits for its end.
static void wait_for_end(struct rg_top *t, bool is_asked_to_end) {
    const uint64_t begun = rg_top_now();
    pass_output(t);
    for (int asked = 0; t->child.pid && !t->child.has_ended;) {
        const int number = rg_top_wait(t, -1, 0.2);
        if (number && number != SIGWINCH) {
            rg_top_child_signal(&t->child, ++asked >= ASKED_MOST ? SIGKILL : number);
            t->stop = t->stop ? t->stop : number;
        }
        if (is_asked_to_end && (double)(rg_top_now() - begun) / (double)SECOND > GRACE) {
            rg_top_child_signal(&t->child, SIGKILL);
        }
    }
    rg_top_output_take(&t->output);
    t->error = t->error ? t->error : t->output.error;
}

static bool open_keyboard(struct rg_top *t) {
    if (t->request.is_batch || !rg_top_screen_can(1)) {
        return false;
    }
    t->keyboard =
        isatty(0) ? fcntl(0, F_DUPFD_CLOEXEC, 3) : open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    return t->keyboard >= 0;
}

static int show(struct rg_top *t) {
    const bool is_live = open_keyboard(t);
    t->signals = rg_top_signals_take();
    t->output.pipes[0] = t->output.pipes[1] = -1;
    rg_top_clock_ticks(&t->clock);
    // Before the program runs: it is not to be started for nothing.
    if (is_live && !rg_top_screen_open(t->keyboard)) {
        rg_top_screen_close();
        return rg_fail("top: the terminal TERM=%s is not known here; set TERM, or use --batch",
                       getenv("TERM"));
    }
    const int error = t->request.program ? start(t, is_live) : 0;
    if (error) {
        rg_top_screen_close();
        return rg_fail("top: cannot execute %s: %s; see that it runs without the guard",
                       t->target.path, strerror(-error));
    }
    enum rg_top_wish wish = RG_TOP_QUIT_DETACH;
    if (is_live) {
        wish = rg_top_live(t);
    } else {
        rg_top_batch(t);
    }
    rg_top_screen_close();
    if (t->stop || wish == RG_TOP_QUIT_END) {
        rg_top_child_signal(&t->child, t->stop ? t->stop : SIGTERM);
    }
    if (t->child.pid) {
        wait_for_end(t, t->stop || wish == RG_TOP_QUIT_END);
    }
    return 0;
}

// What the program has ended with; where it was killed this ends in the same way.
static int end_like(const struct rg_top *t) {
    const int status = t->child.status;
    if (t->child.pid && WIFSIGNALED(status)) {
        rg_signals_end_by(WTERMSIG(status));
    }
    if (t->stop && (!t->child.pid || t->stop != SIGINT)) {
        rg_signals_end_by(t->stop);
    }
    return t->child.pid ? WEXITSTATUS(status) : 0;
}

int rg_cmd_top(int argc, char **argv) {
    (void)argc;
    static struct rg_top t;
    int status = rg_top_request_parse(argv, &t.request);
    if (status || (!t.request.program && !t.request.pid)) {
        return status;
    }
    setlocale(LC_CTYPE, "");
    t.view.sort = t.request.sort;
    if (t.request.filter) {
        snprintf(t.view.filter, sizeof t.view.filter, "%s", t.request.filter);
    }
    status = t.request.program ? prepare(&t) : attach(&t);
    status = status ? status : show(&t);
    if (t.folder.path) {
        rg_folder_close(&t.folder);
    }
    if (status) {
        return status;
    }
    if (t.request.keep) {
        fprintf(stderr, "realloc-guard: top: the traces are in %s\n", t.folder.path);
    }
    if (t.is_cut_short) {
        rg_fail("top: interrupted while it wrote the output of the program, which is not complete");
    }
    if (t.error && t.error != EPIPE) {
        return rg_fail("top: what is to be written is lost in part: %s; see where the output goes",
                       strerror(t.error));
    }
    return end_like(&t);
}
