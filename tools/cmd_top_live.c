// SPDX-License-Identifier: MIT
// realloc-guard top: the view that has the terminal, until the user leaves it.
#include "cmd_top.h"

#include "top_screen.h"

#include <signal.h>

// Until there is something new to show where there is much to do, or nothing to be seen yet, in seconds.
static const double SOON = 0.05;

static void draw(struct rg_top *t) {
    struct rg_top_frame frame = rg_top_frame_of(t);
    struct rg_top_lines lines = {0};
    rg_top_screen_size(&frame.columns, &frame.rows);
    rg_top_frame_screen(&frame, &lines);
    rg_top_screen_draw(&lines);
    rg_top_lines_done(&lines);
}

// Takes all keys that were typed.
static enum rg_top_wish take_keys(struct rg_top *t) {
    enum rg_top_wish wish = RG_TOP_STAY;
    const enum rg_top_sort before = t->view.sort;
    int key;
    while (wish == RG_TOP_STAY && (key = rg_top_screen_key()) >= 0) {
        wish = rg_top_view_key(&t->view, &t->group, key);
        if (wish == RG_TOP_INTERRUPT) {
            rg_top_child_signal(&t->child, SIGINT);
            wish = RG_TOP_STAY;
        }
    }
    if (t->group.shown && t->view.sort != before) {
        rg_top_sites_update(&t->group.shown->sites, t->view.sort);
    }
    return wish;
}

enum rg_top_wish rg_top_live(struct rg_top *t) {
    enum rg_top_wish wish = RG_TOP_STAY;
    uint64_t due = 0;
    while (wish == RG_TOP_STAY) {
        const bool was_running = t->view.has_program;
        const struct rg_top_member *shown = t->group.shown;
        if (rg_top_now() >= due && !t->view.is_paused) {
            const double seconds = rg_top_look(t, false) ? SOON : t->request.interval;
            due = rg_top_now() + (uint64_t)(seconds * 1e9);
        }
        draw(t);
        const uint64_t now = rg_top_now();
        const double left = t->view.is_paused ? 3600 : due > now ? (double)(due - now) / 1e9 : 0;
        const int number = rg_top_wait(t, t->keyboard, left);
        if (number && number != SIGWINCH) {
            t->stop = number;
            break;
        }
        wish = take_keys(t);
        // What has changed is to be seen at once.
        if (was_running != t->view.has_program || shown != t->group.shown) {
            due = 0;
        }
    }
    return wish;
}
