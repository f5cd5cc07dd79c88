// SPDX-License-Identifier: MIT
// realloc-guard top --batch: frames of plain text, one after the other.
#include "cmd_top.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

// Wide enough for any line.
enum { COLUMNS = 1 << 20 };

// Until there is something to show, in seconds.
static const double SOON = 0.02;

static bool print(struct rg_top *t, bool is_first) {
    struct rg_top_frame frame = rg_top_frame_of(t);
    struct rg_top_lines lines = {0};
    frame.columns = COLUMNS;
    frame.rows = t->request.rows;
    rg_top_frame_batch(&frame, &lines);
    if (!is_first) {
        putchar('\n');
    }
    for (size_t i = 0; i < lines.count; i++) {
        puts(lines.items[i].text);
    }
    rg_top_lines_done(&lines);
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        t->error = errno ? errno : EIO;
        return false;
    }
    return true;
}

static bool is_over(const struct rg_top *t) {
    const struct rg_top_member *m = t->group.shown;
    return t->child.pid ? t->child.has_ended : !m || m->has_ended;
}

// Sleeps. Returns false where a signal asks to stop.
static bool sleep_until(struct rg_top *t, uint64_t time) {
    for (uint64_t now = rg_top_now(); now < time && !(t->child.pid && t->child.has_ended);
         now = rg_top_now()) {
        const int number = rg_top_wait(t, -1, (double)(time - now) / 1e9);
        if (number && number != SIGWINCH) {
            t->stop = number;
            return false;
        }
    }
    return true;
}

void rg_top_batch(struct rg_top *t) {
    const uint64_t interval = (uint64_t)(t->request.interval * 1e9);
    uint64_t time = rg_top_now();
    // A process that runs already has something to show.
    time += t->request.pid ? (uint64_t)(SOON * 1e9) : interval;
    for (uint64_t frames = 0; sleep_until(t, time); time += interval) {
        const bool is_last = is_over(t);
        rg_top_look(t, true);
        frames++;
        if (!print(t, frames == 1) || is_last || frames == t->request.frames) {
            return;
        }
        // Where a frame took longer than that, those that are late are left out.
        const uint64_t now = rg_top_now();
        time = time + interval < now ? now - interval : time;
    }
}
