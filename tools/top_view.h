// SPDX-License-Identifier: MIT
// What the user has chosen to see, and what keys do to that. Knows no terminal.
#ifndef RG_TOOLS_TOP_VIEW_H
#define RG_TOOLS_TOP_VIEW_H

#include "top_group.h"

enum rg_top_mode {
    RG_TOP_TABLE,
    RG_TOP_FILTERING, // what is typed goes into the filter
    RG_TOP_HELP,
    RG_TOP_CHOOSING, // a process
    RG_TOP_LEAVING,  // the program runs: what shall become of it?
};

// Keys that are no characters. Others are bytes, as they are typed.
enum rg_top_key {
    RG_TOP_UP = 0x100,
    RG_TOP_DOWN,
    RG_TOP_PAGE_UP,
    RG_TOP_PAGE_DOWN,
    RG_TOP_HOME,
    RG_TOP_END,
    RG_TOP_LEFT,
    RG_TOP_RIGHT,
};

enum { RG_TOP_FILTER = 128 };

enum rg_top_wish {
    RG_TOP_STAY,
    RG_TOP_INTERRUPT,   // Ctrl-C: for the program
    RG_TOP_QUIT,        // nothing runs
    RG_TOP_QUIT_END,    // and ends the program
    RG_TOP_QUIT_DETACH, // and lets it go on
};

struct rg_top_view {
    enum rg_top_mode mode;
    enum rg_top_sort sort;
    bool is_paused;
    bool has_program; // that the tool has started and that still runs
    char filter[RG_TOP_FILTER];
    size_t scroll;     // lines of the table above the first one that is shown
    size_t table_rows; // how many there was room for
    size_t chosen;     // process, in the list
};

// What the key is for. It may change what of the group is shown, and which of its sites is selected or open.
enum rg_top_wish rg_top_view_key(struct rg_top_view *v, struct rg_top_group *g, int key);

// Whether the filter lets the site through.
bool rg_top_view_shows(const struct rg_top_view *v, const struct rg_top_site *site);

// The place of the selected site among those that are shown; 0 where none is selected.
size_t rg_top_view_position(const struct rg_top_view *v, const struct rg_top_sites *s);

#endif
