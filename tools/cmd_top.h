// SPDX-License-Identifier: MIT
// The parts of `realloc-guard top`: what belongs to one call of it, and its two ways to show frames.
#ifndef RG_TOOLS_CMD_TOP_H
#define RG_TOOLS_CMD_TOP_H

#include "cmd_top_request.h"
#include "failures_folder.h"
#include "target_check.h"
#include "top_child.h"
#include "top_frame.h"
#include "top_group.h"
#include "top_output.h"
#include "top_view.h"

// Everything about one call of the tool.
struct rg_top {
    struct rg_top_request request;
    struct rg_target target;
    struct rg_folder folder;
    struct rg_top_child child;
    struct rg_top_output output;
    struct rg_top_group group;
    struct rg_top_view view;
    struct rg_top_clock clock;
    int signals;       // descriptor
    int stop;          // number of the signal that asked it to stop
    int keyboard;      // descriptor of the terminal
    int error;         // errno of what could not be printed
    bool is_cut_short; // the user did not want all of the program's output
};

// Waits for what comes first: output of the program, its end, a key if there is a keyboard, or the end of the time. Takes output and the
// program's end in. Returns the number of a signal that is none of these, or 0.
int rg_top_wait(struct rg_top *t, int keyboard, double seconds);

// Takes in what has happened, and looks up names, each until it takes too long; is_patient: until all is done. Returns
// whether something is left to do at once.
bool rg_top_look(struct rg_top *t, bool is_patient);

struct rg_top_frame rg_top_frame_of(struct rg_top *t);

// Shows frames until the process has ended, the user or a signal ends that, or there were enough. `live` returns what
// is to become of the program.
void rg_top_batch(struct rg_top *t);
enum rg_top_wish rg_top_live(struct rg_top *t);

#endif
